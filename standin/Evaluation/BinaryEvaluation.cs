using Microsoft.ML.Trainers;

namespace Microsoft.ML.Data;

/// <summary>
/// The metrics of scored binary data. Rows whose score is not finite do not count.
/// </summary>
internal sealed class BinaryEvaluation
{
    private readonly List<(float Score, bool Positive)> _rows = [];
    private readonly double[][] _counts = [new double[2], new double[2]];
    private double _logLoss;
    private double _positivesWithProbability;
    private double _withProbability;

    public BinaryEvaluation(IDataView data, string label, string score, string probability, string predictedLabel)
    {
        ArgumentNullException.ThrowIfNull(data);
        var columns = new List<DataViewSchema.Column> { Find(data, label, "label", BooleanDataViewType.Instance), Find(data, score, "score", NumberDataViewType.Single) };
        _ = Find(data, predictedLabel, "predicted label", null);
        if (probability != null)
            columns.Add(Find(data, probability, "probability", NumberDataViewType.Single));
        Read(data, columns);
        Positives = _rows.LongCount(r => r.Positive);
        Require(Positives > 0, "positive");
        Require(Positives < _rows.Count, "negative");
        ComputeAreas();
    }

    public long Positives { get; }

    public ConfusionMatrix ConfusionMatrix => new(_counts);

    public double AreaUnderRocCurve { get; private set; }

    public double AreaUnderPrecisionRecallCurve { get; private set; }

    public double LogLoss => double.IsNaN(_logLoss) ? double.NaN : _withProbability > 0 ? _logLoss / _withProbability : 0;

    public double Entropy => BinaryEntropy((double)Positives / _rows.Count);

    public double LogLossReduction
    {
        get
        {
            var prior = BinaryEntropy(_positivesWithProbability / _withProbability);
            return _withProbability == 0 ? 0 : (prior - _logLoss / _withProbability) / prior;
        }
    }

    private static double BinaryEntropy(double p) => p is <= 0 or >= 1 ? 0 : -p * Math.Log2(p) - (1 - p) * Math.Log2(1 - p);

    private static void Require(bool any, string which)
    {
        if (!any)
            throw new ArgumentOutOfRangeException(null, $"The data has no {which} row, and without one the areas under the curves are not defined.");
    }

    private static DataViewSchema.Column Find(IDataView data, string name, string role, DataViewType type)
    {
        Argument.NonEmpty(name, role);
        var column = data.Schema.GetColumnOrNull(name) ?? throw Errors.NoColumn(name, role);
        return type == null || type.Equals(column.Type) ? column
            : role == "label" && column.Type is NumberDataViewType or KeyDataViewType ? throw Errors.NotSupported($"evaluations with labels of type {column.Type}")
            : throw Errors.Mismatch(role, name, type.ToString(), column.Type.ToString());
    }

    private void Read(IDataView data, List<DataViewSchema.Column> columns)
    {
        using var cursor = data.GetRowCursor(columns);
        var getLabel = cursor.GetGetter<bool>(columns[0]);
        var getScore = cursor.GetGetter<float>(columns[1]);
        var getProbability = columns.Count < 3 ? (ref float none) => none = float.NaN : cursor.GetGetter<float>(columns[2]);
        var (positive, score, probability) = (false, 0f, 0f);
        while (cursor.MoveNext())
        {
            getLabel(ref positive);
            getScore(ref score);
            if (!float.IsFinite(score))
                continue;
            getProbability(ref probability);
            _rows.Add((score, positive));
            _counts[positive ? 0 : 1][score > 0 ? 0 : 1]++;
            _logLoss -= Math.Log2(positive ? probability : 1.0 - probability);
            if (!float.IsNaN(probability))
            {
                _withProbability++;
                _positivesWithProbability += positive ? 1 : 0;
            }
        }
    }

    /// <summary>
    /// Down the rows by score. ROC: the share of pairs in the right order, pairs with equal scores count one half.
    /// Precision-recall: trapezoids from positive to positive, where ties stay in the order of the data (the "lower
    /// trapezoid" of Boyd, Eng and Page 2013).
    /// </summary>
    private void ComputeAreas()
    {
        long negatives = _rows.Count - Positives, truePositives = 0, falsePositives = 0, positivesBefore = 0, negativesBefore = 0;
        double pairs = 0, area = 0, precision = 1, last = double.NaN;
        foreach (var (score, positive) in _rows.OrderByDescending(r => r.Score))
        {
            if (score != last)
            {
                CloseTies();
                last = score;
            }

            if (positive)
            {
                truePositives++;
                var now = (double)truePositives / (truePositives + falsePositives);
                area += (precision + now) / 2 / Positives;
                precision = now;
            }
            else
            {
                falsePositives++;
                precision = (double)truePositives / (truePositives + falsePositives);
            }
        }

        CloseTies();
        AreaUnderRocCurve = pairs / ((double)Positives * negatives);
        AreaUnderPrecisionRecallCurve = area;

        void CloseTies()
        {
            pairs += (falsePositives - negativesBefore) * (positivesBefore + truePositives) / 2.0;
            (positivesBefore, negativesBefore) = (truePositives, falsePositives);
        }
    }
}
