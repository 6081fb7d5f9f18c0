using FocalMlNet.Columns;
using Microsoft.ML;

namespace FocalMlNet.Evaluation;

/// <summary>Compares models on the rows of one view, each of which scores them once.</summary>
internal static class Comparison
{
    private static readonly EvaluationOptions Default = new() { BootstrapResamples = 1000 };

    public static ModelComparison<ImbalancedBinaryMetrics> Binary(
        IDataView data, IEnumerable<(string Name, ITransformer Model)> models, ScoredColumns columns, CostMatrix? costs,
        EvaluationOptions? options)
    {
        if (costs is not null)
            Guard.TwoClasses(costs);
        Guard.NotEmpty(columns.PredictedLabel, "predictedLabelColumnName");
        Guard.NotEmpty(columns.Probability, "probabilityColumnName");
        var given = Checked(options);
        return Run(data, models, columns.Weight, costs, given, (name, scored) =>
        {
            AddedColumn.Check(scored.Schema, data.Schema, columns.Score, columns.PredictedLabel);
            var probability = AddedColumn.Of(scored.Schema, data.Schema, columns.Probability!) is null ? null : columns.Probability;
            return new ComparedBinaryScores(name, ScoredRows.Read(scored, columns with { Probability = probability }), costs, given);
        });
    }

    public static ModelComparison<ImbalancedMulticlassMetrics> Multiclass(
        IDataView data, IEnumerable<(string Name, ITransformer Model)> models, string label, string score, string? weight,
        CostMatrix? costs, EvaluationOptions? options)
    {
        var given = Checked(options);
        Guard.NoAlpha(given.Alpha, nameof(options));
        IReadOnlyList<string>? names = null;
        return Run(data, models, weight, costs, given, (name, scored) =>
        {
            AddedColumn.Check(scored.Schema, data.Schema, score);
            var rows = ClassScoredRows.Read(scored, label, score, weight);
            names ??= rows.ClassNames;
            return new ComparedClassScores(name, rows, costs is null ? null : InOrderOf(rows.ClassNames, costs, names), given);
        });
    }

    private static EvaluationOptions Checked(EvaluationOptions? options)
    {
        var given = options ?? Default;
        given.Validate();
        Guard.AtLeast(2, given.BootstrapResamples, nameof(EvaluationOptions.BootstrapResamples));
        return given;
    }

    /// <summary>The matrix for the order that the classes have in another model.</summary>
    private static CostMatrix InOrderOf(IReadOnlyList<string> names, CostMatrix costs, IReadOnlyList<string> ofFirst)
    {
        int[] places = [.. names.Select(name => ofFirst.ToList().IndexOf(name))];
        if (names.Count != costs.ClassCount || ofFirst.Count != costs.ClassCount || places.Contains(-1))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"It has {names.Count} classes, {string.Join(", ", names)}, and the first model {string.Join(", ", ofFirst)}, but all ")
                + FormattableString.Invariant($"should have the same, as many as the cost matrix, {costs.ClassCount}."));
        }

        var gains = new double[names.Count, names.Count];
        for (var i = 0; i < names.Count; i++)
        {
            for (var j = 0; j < names.Count; j++)
                gains[i, j] = costs[places[i], places[j]];
        }

        return new(gains);
    }

    private static ModelComparison<TMetrics> Run<TMetrics>(
        IDataView data, IEnumerable<(string Name, ITransformer Model)> models, string? weight, CostMatrix? costs, EvaluationOptions options,
        Func<string, IDataView, ComparedScores<TMetrics>> read)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(models);
        (string Name, ITransformer Model)[] given = [.. models];
        Guard.AtLeastElements(1, given.Length, nameof(models));
        foreach (var (name, model) in given)
        {
            Guard.Compatible(!string.IsNullOrEmpty(name) && model is not null,
                $"models has one that is called '{name}' and is {(model is null ? "null" : "there")}, but each should have a name and be "
                    + "there.",
                nameof(models));
        }

        if (given.GroupBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"models has the name {twice.Key} more than once, but each should have its own.", nameof(models));
        ComparedScores<TMetrics>[] scores = [.. given.Select(m => Read(m.Name, m.Model))];
        foreach (var one in scores.Skip(1))
            CheckSameRows(scores[0], one);
        return Compared(scores, costs, options, new(data, [.. given.Select(m => m.Model)], weight, costs));

        ComparedScores<TMetrics> Read(string name, ITransformer model)
        {
            try
            {
                return read(name, model.Transform(data));
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                throw new InvalidOperationException($"Model '{name}': {error.Message}", error);
            }
        }
    }

    private static void CheckSameRows<TMetrics>(ComparedScores<TMetrics> first, ComparedScores<TMetrics> other)
    {
        var (count, ofOther) = (first.Classes.Length, other.Classes.Length);
        if (count != ofOther)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"Model '{other.Name}' scores {ofOther} rows with a label and a weight above 0, but it should be {count}, as of ")
                + $"'{first.Name}'.");
        }

        for (var i = 0; i < count; i++)
        {
            var (expected, found) = (first.ClassNames[first.Classes[i]], other.ClassNames[other.Classes[i]]);
            if (!string.Equals(expected, found, StringComparison.Ordinal) || first.Weights[i] != other.Weights[i])
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"Model '{other.Name}' has label {found} and weight {other.Weights[i]} in row {i} of those that count, but it should ")
                    + FormattableString.Invariant($"have {expected} and {first.Weights[i]}, as '{first.Name}': are the rows in the ")
                    + "same order?");
            }
        }
    }

    /// <summary>Compares scores of the same rows.</summary>
    public static ModelComparison<TMetrics> Compared<TMetrics>(
        ComparedScores<TMetrics>[] scores, CostMatrix? costs, EvaluationOptions options, ComparedSource? source = null)
    {
        var first = scores[0];
        var sizes = new EffectiveRows[first.ClassNames.Count];
        for (var i = 0; i < first.Classes.Length; i++)
        {
            double weight = first.Weights[i];
            sizes[first.Classes[i]] += new EffectiveRows(weight, weight * weight);
        }

        double[] counts = [.. sizes.Where(rows => rows.Weight > 0).Select(rows => rows.Count)];
        var freedom = EffectiveRows.DegreesOfFreedom(counts);
        var test = new PairedTest(freedom, counts.Min(), options.ConfidenceLevel);
        // All models on the same rows: [resample][model][figure].
        var resamples = new double[scores.Length][][];
        for (var m = 0; m < scores.Length; m++)
            resamples[m] = new double[options.BootstrapResamples][];
        var flat = Bootstrap.Values(first.Classes, sizes.Length, repeats =>
        {
            List<double> all = [];
            foreach (var one in scores)
                all.AddRange(one.Resampled(repeats));
            return [.. all];
        }, options);
        var length = flat[0].Length / scores.Length;
        for (var m = 0; m < scores.Length; m++)
            resamples[m] = Array.ConvertAll(flat, values => values[(m * length)..((m + 1) * length)]);

        double[][] values = [.. scores.Select(one => one.Values)];
        var (models, intervals) = (new ComparedModel<TMetrics>[scores.Length], new ConfidenceInterval[scores.Length][]);
        for (var m = 0; m < scores.Length; m++)
        {
            var (metrics, averagePrecision, logLoss, brierScore)
                = scores[m].Evaluated(Array.ConvertAll(resamples[m], row => row[ComparedScores<TMetrics>.MetricCount..]));
            models[m] = new(scores[m].Name, metrics, scores[m].HasProbabilities);
            intervals[m] =
            [
                averagePrecision, logLoss, brierScore,
                OfProfit(m, ComparisonMetric.Profit), OfProfit(m, ComparisonMetric.BestDecisionProfit),
            ];
        }

        return new(models, values, intervals, WithoutModel(sizes, costs, typeof(TMetrics) == typeof(ImbalancedBinaryMetrics)),
            [.. Enum.GetValues<ComparisonMetric>().SelectMany(Pairs)])
        {
            Rows = [.. scores.Select(one => one.Rows)],
            Source = source,
            ConfidenceLevel = options.ConfidenceLevel,
        };

        ConfidenceInterval OfProfit(int m, ComparisonMetric metric)
        {
            var at = (int)metric;
            if (double.IsNaN(values[m][at]))
                return new(double.NaN, double.NaN);
            double[] gains = [.. Enumerable.Range(0, costs!.ClassCount * costs.ClassCount)
                .Select(cell => costs[cell / costs.ClassCount, cell % costs.ClassCount])];
            return gains.Min() == gains.Max() ? new(values[m][at], values[m][at])
                : new ShareInterval(options.ConfidenceLevel).OfVariance(
                    values[m][at], (freedom + 1) / freedom * Bootstrap.Variance(resamples[m], row => row[at]), gains.Min(), gains.Max());
        }

        ModelDifference[] Pairs(ComparisonMetric metric)
        {
            List<ModelDifference> pairs = [];
            for (var a = 0; a < scores.Length; a++)
            {
                for (var b = a + 1; b < scores.Length; b++)
                {
                    var (i, j, at) = (a * length + (int)metric, b * length + (int)metric, (int)metric);
                    var (difference, interval, p) = test.Of(
                        values[a][at] - values[b][at], Bootstrap.Variance(flat, row => row[i] - row[j]));
                    pairs.Add(new(metric, scores[a].Name, scores[b].Name, difference, interval, p, p));
                }
            }

            var adjusted = Holm.Adjusted([.. pairs.Select(pair => pair.PValue)]);
            return [.. pairs.Select((pair, k) => pair with { AdjustedPValue = adjusted[k] })];
        }
    }

    private static double[] WithoutModel(EffectiveRows[] sizes, CostMatrix? costs, bool isBinary)
    {
        var total = sizes.Sum(rows => rows.Weight);
        double[] shares = [.. sizes.Select(rows => rows.Weight / total)];
        var occurring = shares.Where(share => share > 0);
        // The Brier score of two classes counts one of them.
        var brier = (1 - shares.Sum(share => share * share)) / (isBinary ? 2 : 1);
        var profit = costs is null ? double.NaN
            : Enumerable.Range(0, costs.ClassCount).Max(j => shares.Select((share, i) => share * costs[i, j]).Sum());
        return
        [
            isBinary ? shares[1] : 1.0 / occurring.Count(), -occurring.Sum(share => share * Math.Log(share)), brier, profit, profit,
        ];
    }
}

/// <summary>The paired test of a difference whose variance the bootstrap gives.</summary>
/// <param name="freedom">The degrees of freedom of the variance.</param>
/// <param name="rows">The effective rows of the rarest class.</param>
/// <param name="level">The confidence level of the interval.</param>
internal readonly struct PairedTest(double freedom, double rows, double level)
{
    private readonly double _quantile = Distributions.StudentTwoSidedQuantile(1 - level, freedom);

    public (double Difference, ConfidenceInterval Interval, double PValue) Of(double difference, double variance)
    {
        if (double.IsNaN(difference))
            return (difference, new(difference, difference), difference);
        var error = Math.Sqrt(variance * (freedom + 1) / freedom);
        var p = difference == 0 ? 1 : Distributions.StudentTwoSided(difference / error, freedom);
        // With n rows that all say the same a test of signs has this p value.
        return (difference, new(difference - _quantile * error, difference + _quantile * error), Math.Clamp(p, Math.Pow(2, 1 - rows), 1));
    }
}
