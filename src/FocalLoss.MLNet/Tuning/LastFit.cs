using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tuning;

/// <summary>
/// The fit of what was chosen on all rows. All that is known of a candidate is known from its folds: a fit that fails, or that does clearly
/// worse on the rows that it has learnt than others did on rows that they had not, is none of that candidate, and it is out.
/// </summary>
/// <param name="data">The data.</param>
/// <param name="task">Two classes or several.</param>
/// <param name="options">The options.</param>
/// <param name="race">The race, which is over.</param>
/// <param name="lambdas">λ of all lines on all rows.</param>
internal sealed class LastFit(
    IDataView data, ITuningTask task, TuningOptions options, TuningRace race, IReadOnlyDictionary<LineEntrant, double> lambdas)
{
    /// <summary>Fits a candidate; if it is an added one that fails, it is out.</summary>
    /// <param name="chosen">The candidate.</param>
    /// <param name="outOfFold">What it says out of fold.</param>
    /// <param name="model">The model.</param>
    public bool TryRun(Entrant chosen, OutOfFoldRows outOfFold, [NotNullWhen(true)] out ITransformer? model)
    {
        model = null;
        // Whoever is fitted now reads the data into memory of its own, where there may be no room for it twice.
        race.Rows!.Release();
        if (chosen is not AddedEntrant added)
        {
            model = Line((LineEntrant)chosen);
            return true;
        }

        try
        {
            var fitted = race.Estimator(added.Candidate).Fit(data);
            fitted = added.Recalibration is { } calibrator ? task.Calibrated(fitted, calibrator) : fitted;
            CheckLearnt(added, Learnt(fitted, outOfFold));
            model = fitted;
            return true;
        }
        catch (Exception error) when (!(error is OperationCanceledException && options.CancellationToken.IsCancellationRequested))
        {
            race.Drop(added, error);
            return false;
        }
    }

    private ITransformer Line(LineEntrant line)
    {
        var trainer = task.Trainer(line.Family, lambdas[line], options.CancellationToken);
        return race.Rows!.OnAll is { } prepared
            ? new TransformerChain<ITransformer>(prepared, trainer.Fit(prepared.Transform(data))) : trainer.Fit(data);
    }

    /// <summary>What the model is worth on the rows that it has learnt, as far as these judge.</summary>
    private double Learnt(ITransformer model, OutOfFoldRows outOfFold)
    {
        int[] rows = Array.ConvertAll(outOfFold.Rows, row => (int)row);
        var judged = new JudgedRows(rows, Array.ConvertAll(outOfFold.Classes, k => (float)k), outOfFold.Weights);
        return task.Judge(task.Read(model.Transform(data), data.Schema, race.RowCount).At(rows), judged).Value;
    }

    private void CheckLearnt(AddedEntrant entrant, double learnt)
    {
        if (entrant.Values.Count < 2 || !race.IsBetter(entrant.Mean, learnt))
            return;
        var error = PairedDifference.StandardErrorOf(entrant.Values, race.TestToTrain);
        if (!(error > 0) || Math.Abs(learnt - entrant.Mean) <= error * Distributions.StudentTwoSidedQuantile(
            TuningRace.Level, entrant.Values.Count - 1))
        {
            return;
        }

        throw new InvalidOperationException(FormattableString.Invariant(
            $"Fitted on all rows it has {task.MetricName} of {learnt:g3} on these, but out of fold {entrant.Mean:g3} ± {error:g3}: ")
            + "this fit went wrong.");
    }
}
