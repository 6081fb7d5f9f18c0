namespace FocalMlNet.Splits;

/// <summary>
/// Makes parts better by moving a group to another part and by letting two groups change places: first as regards classes that a part has
/// no row of, then as regards the distance from the shares, until nothing of that kind is better.
/// </summary>
internal sealed class GroupExchange(GroupParts parts)
{
    /// <summary>Groups that have been looked at, once for each of their pairs.</summary>
    public long Compared { get; private set; }

    /// <summary>Exchanges until nothing is better.</summary>
    /// <param name="lowest">A distance that cannot be undercut.</param>
    /// <param name="most">Pairs of groups that may be compared in all.</param>
    public void Run(double lowest, long most)
    {
        for (var isBetter = true; isBetter;)
        {
            isBetter = false;
            for (var p = 1; p < parts.Count; p++)
            {
                for (var q = 0; q < p; q++)
                {
                    while (Compared < most && Between(p, q))
                    {
                        isBetter = true;
                        if (parts.Missing == 0 && parts.Distance <= lowest + GroupParts.Rounding)
                            return;
                    }

                    if (Compared >= most)
                        return;
                }
            }
        }
    }

    /// <summary>Gives each group of one part the best partner of another part, or none.</summary>
    private bool Between(int p, int q)
    {
        var isBetter = false;
        var difference = new double[parts.ClassCount];
        int?[] here = [null, .. parts.KindsIn(p).Select(kind => (int?)kind)];
        var (there, costs) = Partners(p, q, difference);
        foreach (var given in here)
        {
            if (Best(p, given, q, there, costs, difference) is not { } taken)
                continue;
            isBetter = true;
            Move(given, p, q);
            Move(there[taken], q, p);
            (there, costs) = Partners(p, q, difference);
        }

        return isBetter;
    }

    /// <summary>
    /// The groups of part q, the first being none, and what each costs that goes to p without an exchange: half of what the distance grows
    /// by.
    /// </summary>
    private (int?[] Kinds, double[] Costs) Partners(int p, int q, double[] difference)
    {
        var lackingHere = parts.Lacking(p);
        var lackingThere = parts.Lacking(q);
        for (var k = 0; k < difference.Length; k++)
            difference[k] = lackingHere[k] - lackingThere[k];
        int?[] kinds = [null, .. parts.KindsIn(q).Select(kind => (int?)kind)];
        Compared += kinds.Length + difference.Length;
        return (kinds, [.. kinds.Select(kind => kind is { } taken ? Cost(parts.Kinds[taken]) : 0)]);

        double Cost(GroupKind taken) => taken.Square - GroupParts.Times(taken, difference);
    }

    /// <summary>The place of the partner with which most is gained; null if none gains anything.</summary>
    private int? Best(int p, int? givenKind, int q, int?[] there, double[] costs, double[] difference)
    {
        // The group may have gone in an exchange before.
        if (givenKind is { } own && parts.CountOf(own, p) == 0)
            return null;
        var given = givenKind is { } g ? parts.Kinds[g] : null;
        var cost = given is null ? 0 : given.Square + GroupParts.Times(given, difference);
        int? best = null;
        var (leastMissing, least) = (0, -GroupParts.Rounding);
        Compared += there.Length;
        for (var j = 0; j < there.Length; j++)
        {
            if (given is null && there[j] is null)
                continue;
            var taken = there[j] is { } t ? parts.Kinds[t] : null;
            // With d = given - taken, ΔDistance / 2 = ‖d‖² + d · difference; no product is above that of the lengths.
            var together = cost + costs[j];
            var largest = given is null || taken is null ? 0 : Math.Sqrt(given.Square * taken.Square);
            if (parts.Missing == 0 && together - 2 * largest >= least)
                continue;
            var (product, more) = parts.Exchange(p, given, q, taken);
            together -= 2 * product;
            if (more < leastMissing || (more == leastMissing && together < least))
                (leastMissing, least, best) = (more, together, j);
        }

        return best;
    }

    private void Move(int? kind, int from, int to)
    {
        if (kind is not { } moved)
            return;
        parts.Remove(moved, from);
        parts.Add(moved, to);
    }
}
