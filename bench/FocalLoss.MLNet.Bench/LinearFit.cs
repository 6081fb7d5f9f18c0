
using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>The trainers that are compared, each at its defaults, and what a linear model is worth.</summary>
internal static class LinearFit
{
    public const string Ours = "`FocalSgd`";
    public const string Given = "`FocalSgd`, L2 = 1e-7";
    public const string StockFocal = "`SgdNonCalibrated`, focal loss";
    public const string StockLbfgs = "`LbfgsLogisticRegression`";
    public const string StockSgd = "`SgdCalibrated`";

    /// <summary>The penalty where one is given.</summary>
    public const double GivenL2 = 1e-7;

    /// <summary>Fits of a trainer to a view.</summary>
    /// <param name="name">The trainer.</param>
    /// <param name="mlContext">The context.</param>
    /// <param name="view">The training data.</param>
    /// <param name="fitted">Receives the model of each fit.</param>
    public static Contestant Contestant(string name, MLContext mlContext, IDataView view, IDictionary<string, LinearModelParameters> fitted)
        => new(name, () => fitted[name] = Fit(name, mlContext.BinaryClassification.Trainers, view));

    /// <summary>Σ losses / rows + (λ/2) ‖weights‖², in double precision.</summary>
    public static double Objective(LinearModelParameters model, IDataView view, FocalLoss loss, double l2)
    {
        double sum = 0;
        long count = 0;
        ForEachScore(model, view, (label, score) =>
        {
            sum += loss.ExactLoss(score, label ? 1 : 0);
            count++;
        });
        return sum / count + l2 / 2 * model.Weights.Sum(w => (double)w * w);
    }

    /// <summary>The area under the precision-recall curve.</summary>
    public static double AveragePrecisionOf(LinearModelParameters model, IDataView view)
    {
        List<float> scores = [];
        List<bool> labels = [];
        ForEachScore(model, view, (label, score) =>
        {
            labels.Add(label);
            scores.Add((float)score);
        });
        return RankSums.AveragePrecisionOf([.. scores], [.. labels], [.. scores.Select(_ => 1f)]);
    }

    public delegate void RowAction(bool label, in VBuffer<float> features);

    /// <summary>Reads label and features of each row.</summary>
    public static void ForEach(IDataView view, RowAction action)
    {
        var (labelColumn, featureColumn) = (view.Schema["Label"], view.Schema["Features"]);
        using var cursor = view.GetRowCursor([labelColumn, featureColumn]);
        var (getLabel, getFeatures) = (cursor.GetGetter<bool>(labelColumn), cursor.GetGetter<VBuffer<float>>(featureColumn));
        var label = false;
        var features = default(VBuffer<float>);
        while (cursor.MoveNext())
        {
            getLabel(ref label);
            getFeatures(ref features);
            action(label, features);
        }
    }

    private static LinearBinaryModelParameters Fit(
        string name, BinaryClassificationCatalog.BinaryClassificationTrainers trainers, IDataView view) => name switch
        {
            Ours => trainers.FocalSgd().Fit(view).Model.SubModel,
            Given => trainers.FocalSgd(l2Regularization: GivenL2).Fit(view).Model.SubModel,
            StockFocal => trainers.SgdNonCalibrated(lossFunction: new FocalLoss()).Fit(view).Model,
            StockLbfgs => trainers.LbfgsLogisticRegression().Fit(view).Model.SubModel,
            StockSgd => trainers.SgdCalibrated().Fit(view).Model.SubModel,
            _ => throw new ArgumentException($"'{name}' is no trainer.", nameof(name)),
        };

    private static void ForEachScore(LinearModelParameters model, IDataView view, Action<bool, double> action)
    {
        double[] weights = [.. model.Weights];
        ForEach(view, (bool label, in VBuffer<float> features) =>
        {
            double score = model.Bias;
            var values = features.GetValues();
            if (features.IsDense)
            {
                for (var j = 0; j < values.Length; j++)
                    score += weights[j] * values[j];
            }
            else
            {
                var indices = features.GetIndices();
                for (var k = 0; k < values.Length; k++)
                    score += weights[indices[k]] * values[k];
            }

            action(label, score);
        });
    }
}
