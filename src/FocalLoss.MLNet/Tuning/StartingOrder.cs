namespace FocalMlNet.Tuning;

/// <summary>Who is in the race, from the simplest candidate to the most complex.</summary>
internal static class StartingOrder
{
    /// <summary>Small γ first, then no weights, then a large penalty; last the added ones in their order.</summary>
    /// <param name="options">Says who.</param>
    /// <param name="penalties">Of each family of lines, from the largest down.</param>
    public static IEnumerable<Entrant> Of(TuningOptions options, double[] penalties)
    {
        var order = 0;
        foreach (var gamma in options.Gammas.Append(0).Distinct().Order())
        {
            foreach (var weighting in options.ClassWeightings.Prepend(ClassWeighting.None)
                .DistinctBy(weighting => weighting.ToString(), StringComparer.Ordinal))
            {
                var family = new LineFamily(gamma, weighting);
                foreach (var penalty in penalties)
                    yield return new LineEntrant(order++, family, penalty);
            }
        }

        foreach (var candidate in options.Candidates)
            yield return new AddedEntrant(order++, candidate);
    }
}
