using FocalMlNet.Training;
using Microsoft.ML;

namespace FocalMlNet.Tuning;

/// <summary>What a tuning does differently for two classes and for several.</summary>
internal interface ITuningTask
{
    /// <summary>Of the line candidates.</summary>
    IFormulation Formulation { get; }

    /// <summary>What candidates are judged by, in words.</summary>
    string MetricName { get; }

    /// <summary>Whether a candidate is better if its value is higher.</summary>
    bool IsHigherBetter { get; }

    /// <summary>Whether candidates are judged by their probabilities, and not by their ranking alone.</summary>
    bool JudgesProbabilities { get; }

    /// <summary>Whether there is a stock calibrator for what a candidate says.</summary>
    bool HasCalibrator { get; }

    /// <summary>A model with its calibrator.</summary>
    ITransformer Calibrated(ITransformer model, Recalibration calibrator);

    /// <summary>What a model that knows nothing has, or NaN if that depends on more than the classes' shares.</summary>
    /// <param name="rows">The rows that judge.</param>
    double Chance(JudgedRows rows);

    /// <summary>The predictions of a line whose scores are calibrated.</summary>
    /// <param name="scores">scores[k][i] is output k of row i; they may be overwritten.</param>
    /// <param name="rowCount">The number of rows.</param>
    FoldPredictions OfLine(float[][] scores, int rowCount);

    /// <summary>Reads the predictions of an added candidate from a view that it has scored.</summary>
    /// <param name="scored">The view.</param>
    /// <param name="input">The columns that the candidate was given: they are none of its own.</param>
    /// <param name="rowCount">The rows that it should have.</param>
    /// <exception cref="InvalidOperationException">It has others, or its columns are not as they should be.</exception>
    FoldPredictions Read(IDataView scored, DataViewSchema input, int rowCount);

    /// <summary>What predictions are worth.</summary>
    /// <exception cref="InvalidOperationException">A score is not finite, or probabilities are needed that are not there.</exception>
    FoldValue Judge(FoldPredictions predictions, JudgedRows rows);

    /// <summary>The trainer of a line.</summary>
    IEstimator<ITransformer> Trainer(LineFamily family, double penalty, CancellationToken cancellation);
}
