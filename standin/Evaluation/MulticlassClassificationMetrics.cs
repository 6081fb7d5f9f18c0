using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>Logarithms are natural ones, other than in the binary metrics. Counts[actual][predicted], in the order of the keys.</summary>
public sealed class MulticlassClassificationMetrics
{
    internal MulticlassClassificationMetrics(MulticlassEvaluation evaluation)
    {
        double[] sizes = [.. evaluation.Counts.Select(row => row.Sum())];
        var total = sizes.Sum();
        ConfusionMatrix = new ConfusionMatrix(evaluation.Counts);
        MicroAccuracy = evaluation.Counts.Select((row, k) => row[k]).Sum() / total;
        MacroAccuracy = sizes.Select((size, k) => evaluation.Counts[k][k] / size).Where(double.IsFinite).DefaultIfEmpty().Average();
        LogLoss = evaluation.LogLosses.Sum() / total;
        PerClassLogLoss = Array.AsReadOnly(evaluation.LogLosses.Select((loss, k) => sizes[k] > 0 ? loss / sizes[k] : 0).ToArray());
        var entropy = -sizes.Where(size => size > 0).Sum(size => size / total * Math.Log(size / total));
        LogLossReduction = (entropy - LogLoss) / entropy;
    }

    public double LogLoss { get; }

    public double LogLossReduction { get; }

    public double MacroAccuracy { get; }

    public double MicroAccuracy { get; }

    public IReadOnlyList<double> PerClassLogLoss { get; }

    public ConfusionMatrix ConfusionMatrix { get; }
}

/// <summary>Counts and summed log-losses for each class. Rows without a label or with a score that is not finite do not count.</summary>
internal sealed record MulticlassEvaluation(double[][] Counts, double[] LogLosses)
{
    private const float LeastProbability = 1e-15f;

    public static MulticlassEvaluation Read(IDataView data, string label, string score)
    {
        Argument.NonEmpty(label, nameof(label));
        Argument.NonEmpty(score, nameof(score));
        var labels = data.Schema.GetColumnOrNull(label) ?? throw Errors.NoColumn(label, "label");
        var scores = data.Schema.GetColumnOrNull(score) ?? throw Errors.NoColumn(score, "score");
        if (labels.Type is not KeyDataViewType || labels.Type.RawType != typeof(uint))
            throw Errors.NotSupported($"evaluations with labels of type {labels.Type}");
        if (scores.Type is not VectorDataViewType { IsKnownSize: true } vector || !vector.ItemType.Equals(NumberDataViewType.Single))
            throw Errors.Mismatch("score", score, "Vector<Single>", scores.Type.ToString());

        var result = new MulticlassEvaluation([.. Enumerable.Range(0, vector.Size).Select(_ => new double[vector.Size])], new double[vector.Size]);
        using var cursor = data.GetRowCursor([labels, scores]);
        var getLabel = cursor.GetGetter<uint>(labels);
        var getScores = cursor.GetGetter<VBuffer<float>>(scores);
        uint key = 0;
        VBuffer<float> buffer = default;
        var row = new float[vector.Size];
        while (cursor.MoveNext())
        {
            getLabel(ref key);
            getScores(ref buffer);
            buffer.CopyTo(row);
            if (key > row.Length)
                throw Errors.NotSupported("evaluations with classes that the model does not have");
            if (key > 0 && Linear.AllFinite(row))
                result.Add((int)key - 1, row);
        }

        return result;
    }

    private void Add(int actual, float[] scores)
    {
        LogLosses[actual] -= Math.Log(Math.Clamp(scores[actual], LeastProbability, 1));
        Counts[actual][Array.IndexOf(scores, scores.Max())]++;
    }
}
