using FocalMlNet.Evaluation;

namespace FocalMlNet.Tuning;

/// <summary>What follows from the figures, in sentences.</summary>
/// <param name="race">The race.</param>
/// <param name="metric">What candidates were judged by.</param>
/// <param name="nameOf">The names of candidates.</param>
internal sealed class TuningConclusions(TuningRace race, string metric, Func<Entrant, string> nameOf)
{
    /// <summary>A p value from which on a difference is called clear.</summary>
    private const double Clear = .05;

    public IReadOnlyList<string> Of(Entrant best, Entrant chosen)
    {
        var finished = race.Finished;
        var sentences = new List<string>();
        if (race.IsPartial)
        {
            sentences.Add(FormattableString.Invariant(
                $"The time was over after {race.FoldsJudged} of {race.FoldCount} folds: this is what is known so far."));
        }

        if (race.FoldsJudged == 1)
            sentences.Add("One fold tells of no standard error: the candidate with the best value is taken.");
        Entrant[] plain = [.. finished.Where(entrant => entrant.IsPlain)];
        // One that dropped out may well be the best line: it was worse than a candidate of another kind.
        Entrant[] lines = [.. race.Entrants.Where(entrant => entrant is LineEntrant && entrant.Error is null && entrant.Values.Count > 0)];
        Entrant[] added = [.. finished.Where(entrant => entrant is AddedEntrant)];
        if (chosen.IsPlain)
            sentences.Add(OfPlain(best, chosen));
        else if (chosen is LineEntrant { Family: var family })
            sentences.Add(plain.Length == 0 ? $"{nameOf(chosen)} is taken." : OfLine(chosen, family, race.Best(plain)));
        else
            sentences.Add(lines.Length == 0 ? $"'{nameOf(chosen)}' is taken." : OfAdded(chosen, race.Best(lines)));
        if (chosen is AddedEntrant { Recalibration: not null } recalibrated)
            sentences.Add(OfCalibrator(recalibrated));
        if (chosen is LineEntrant && added.Length > 0 && race.Best(added) is var other && other != best)
        {
            sentences.Add(
                $"No added candidate is better by more than a standard error: the best of them, {nameOf(other)}, "
                + $"{Against(other, chosen)}.");
        }

        if (race.Chance is not double.NaN && !IsAboveChance(best))
        {
            sentences.Add($"No candidate tells the classes apart: one that knows nothing has {TextTable.Figure(race.Chance)}, and the best "
                + $"one has {TextTable.Figure(best.Mean)}.");
        }

        var dropped = race.Entrants.Count(entrant => entrant.DroppedAfter is not null);
        if (dropped > 0)
            sentences.Add($"{dropped} of {race.Entrants.Count} candidates dropped out before the end, as clearly worse than the best.");
        sentences.AddRange(race.Entrants.OfType<AddedEntrant>().Where(entrant => entrant.Error is not null)
            .Select(entrant => $"{nameOf(entrant)} failed: {entrant.Error!.Message}"));
        if (race.Entrants.FirstOrDefault(entrant => entrant is LineEntrant && entrant.Error is not null) is { } failed)
            sentences.Add($"Lines failed, {nameOf(failed)} being the first: {failed.Error!.Message}");
        return sentences;
    }

    private string OfPlain(Entrant best, Entrant chosen) => best.IsPlain
        ? $"Plain logistic regression is the best: nothing that was tried beats its {metric} of {TextTable.Figure(best.Mean)}."
        : $"Plain logistic regression does as well: its {metric} of {TextTable.Figure(chosen.Mean)} is within a standard error of the "
            + $"best, {nameOf(best)}, which {Against(best, chosen)}.";

    private string OfLine(Entrant chosen, LineFamily family, Entrant plain)
    {
        var what = (family.Gamma > 0, family.Weighting == ClassWeighting.None) switch
        {
            (true, true) => ("Focal loss helps", "Focal loss seems to help"),
            (true, false) => ("Focal loss with class weights helps", "Focal loss with class weights seems to help"),
            _ => ("Class weights help", "Class weights seem to help"),
        };
        return $"{(IsClear(chosen, plain) ? what.Item1 : what.Item2)} here: {nameOf(chosen)} {Against(chosen, plain)} of plain logistic "
            + $"regression{(IsClear(chosen, plain) ? "" : ", which may be chance")}.";
    }

    private string OfAdded(Entrant chosen, Entrant line)
        => $"{nameOf(chosen)} {(IsClear(chosen, line) ? "is clearly" : "seems")} better than every line: it {Against(chosen, line)} of the "
            + $"best line, {nameOf(line)}{(line.DroppedAfter is { } folds
                ? FormattableString.Invariant($", in the {folds} folds before that dropped out") : "")}.";

    private string OfCalibrator(AddedEntrant chosen)
    {
        const string What = "a Platt calibrator on its scores out of fold";
        double[] own = [.. chosen.OwnLogLosses];
        return own.Any(double.IsNaN)
            ? $"{nameOf(chosen)} has no probabilities of its own: {What} makes them."
            : $"{nameOf(chosen)} has the probabilities of {What}: with them its log-loss is "
                + $"{TextTable.Figure(chosen.LogLosses.Average())}, with its own {TextTable.Figure(own.Average())} (difference "
                + $"{Figures(PairedDifference.Of(chosen.LogLosses, own, race.TestToTrain))}).";
    }

    /// <summary>has .12 against .10 (difference .02, standard error .01, p = .04)</summary>
    private string Against(Entrant one, Entrant other)
    {
        double[] own = [.. one.Values.Take(other.Values.Count)];
        var difference = PairedDifference.Of(own, other.Values, race.TestToTrain);
        return $"has {TextTable.Figure(own.Average())} against {TextTable.Figure(other.Mean)} (difference {Figures(difference)})";
    }

    /// <summary>.02, standard error .01, p = .04</summary>
    private static string Figures(PairedDifference difference)
        => TextTable.Figure(difference.Mean) + (double.IsNaN(difference.StandardError) ? ""
            : $", standard error {TextTable.Figure(difference.StandardError)}, p = {TextTable.Figure(difference.PValue)}");

    private bool IsClear(Entrant one, Entrant other)
        => PairedDifference.Of([.. one.Values.Take(other.Values.Count)], other.Values, race.TestToTrain).PValue < Clear
            && race.IsBetter(one.Mean, other.Mean);

    /// <summary>Whether it is better than a model that knows nothing by two standard errors.</summary>
    private bool IsAboveChance(Entrant best)
    {
        var error = best.Values.Count > 1 ? PairedDifference.StandardErrorOf(best.Values, race.TestToTrain) : 0;
        return best.Mean - race.Chance > 2 * error;
    }
}
