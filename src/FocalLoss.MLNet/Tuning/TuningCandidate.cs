using System.Globalization;
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>
/// A candidate of one's own: a trainer, or a whole pipeline that ends with one. It adds a Score column and, where probabilities are needed,
/// for two classes a Probability column; for several the scores are the probabilities. For two classes a Platt calibrator on scores out of
/// fold replaces its probabilities where that has less log-loss by more than one standard error.
/// </summary>
/// <param name="Name">Its name, such as FastTree. Candidates that differ in <see cref="Settings"/> or weighting may share it.</param>
/// <param name="Estimator">
/// Makes the estimator, anew for each fit. It is given the name of the weight column that the trainer should use, or null if there are no
/// weights: <c>new TuningCandidate("FastTree", w => trainers.FastTree(exampleWeightColumnName: w))</c>. The estimator is fitted on the rows
/// that train alone.
/// </param>
public sealed record TuningCandidate(string Name, Func<string?, IEstimator<ITransformer>> Estimator)
{
    /// <summary>
    /// Class weights, of the rows that train: then the estimator is given a weight column with them, times the example weights if there are
    /// any. Null, the default, or <see cref="ClassWeighting.None"/>: none.
    /// </summary>
    public ClassWeighting? ClassWeighting { get; init; }

    /// <summary>What the candidate has been set to, by name; for the table and to tell candidates apart. Default: nothing.</summary>
    public IReadOnlyDictionary<string, object> Settings { get; init; } = new Dictionary<string, object>(StringComparer.Ordinal);

    /// <summary>The name with the settings and the weighting, which no other candidate of a comparison has.</summary>
    public string FullName
    {
        get
        {
            var parts = Settings.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key}={s.Value}"));
            return string.Join(", ", [Name, .. parts, .. IsWeighted ? [ClassWeighting!.ToString()] : Array.Empty<string>()]);
        }
    }

    internal bool IsWeighted => ClassWeighting is not null && ClassWeighting != ClassWeighting.None;

    /// <summary>One candidate for each value of a setting.</summary>
    /// <typeparam name="T">The type of the setting.</typeparam>
    /// <param name="name">The name of all of them.</param>
    /// <param name="setting">The name of the setting.</param>
    /// <param name="values">Its values, from the simplest model to the most complex: of equally good ones the first is taken.</param>
    /// <param name="estimator">Makes the estimator from the name of the weight column, which may be null, and a value.</param>
    /// <returns>The candidates, in the order of the values.</returns>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static IReadOnlyList<TuningCandidate> Grid<T>(
        string name, string setting, IReadOnlyList<T> values, Func<string?, T, IEstimator<ITransformer>> estimator)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(estimator);
        Guard.AtLeastElements(1, values.Count, nameof(values));
        return [.. values.Select(value => new TuningCandidate(name, w => estimator(w, value))
        {
            Settings = new Dictionary<string, object>(StringComparer.Ordinal) { [setting] = value },
        })];
    }

    /// <summary>The name with the settings and the weighting.</summary>
    public override string ToString() => FullName;
}
