using FocalMlNet.Tuning;

namespace FocalMlNet.Tests.Tuning;

/// <summary>
/// The rule on figures made up by hand. With two folds and n_test / n_train = 1/4, the error of differences a, b is |a - b| √(3/8), and it
/// is widened by 1.837.
/// </summary>
public sealed class TuningChoiceTests
{
    private static readonly LineFamily Plain = new(0, ClassWeighting.None);
    private static readonly LineFamily Balanced = new(0, ClassWeighting.Balanced);
    private static readonly LineFamily Focal = new(2, ClassWeighting.None);

    private readonly List<Entrant> _entrants = [];

    [Fact]
    public void The_simplest_within_a_standard_error_is_taken()
    {
        Line(Plain, [.50, .56], [.3, .3]);
        Line(Balanced, [.53, .58], [.3, .3]);
        Line(Focal, [.56, .60], [.3, .3]);
        // Differences of the plain one: .06 and .04, mean .05, error .02 × 1.125; of the balanced one .03 and .02, mean .025, error .011.
        Assert.Same(_entrants[2], Chosen());
        // .03 and .011, mean .0205, error .0214: within, though it would not be without the widening, .0116.
        _entrants[1].Values[1] = .589;
        Assert.Same(_entrants[1], Chosen());
        // .10 and -.02: mean .04, error .135.
        _entrants[0].Values[0] = .46;
        _entrants[0].Values[1] = .62;
        Assert.Same(_entrants[0], Chosen());
    }

    [Fact]
    public void A_lower_value_may_be_the_better_one()
    {
        Line(Plain, [.30, .32], [.3, .3]);
        Line(Focal, [.20, .21], [.3, .3]);
        Assert.Same(_entrants[1], Chosen(isHigherBetter: false));
        Assert.Same(_entrants[0], Chosen(isHigherBetter: true));
    }

    [Fact]
    public void A_line_goes_before_an_added_candidate_that_is_no_better_and_after_one_that_is()
    {
        Line(Plain, [.50, .56], [.3, .3]);
        Add([.51, .54]);
        Assert.Same(_entrants[0], Chosen());
        _entrants[1].Values[0] = .6;
        _entrants[1].Values[1] = .65;
        Assert.Same(_entrants[1], Chosen());
    }

    [Fact]
    public void The_largest_penalty_is_taken_whose_probabilities_are_as_good()
    {
        Line(Plain, [.50, .60], [.50, .51]);
        Line(Plain, [.50, .60], [.31, .29]);
        Line(Plain, [.51, .59], [.30, .30]);
        // The ranking of all three is equally good; the log-loss of the first is not.
        Assert.Same(_entrants[1], Chosen());
    }

    /// <summary>Of equals in the metric, the first whose log-loss is within one standard error of the least.</summary>
    [Fact]
    public void Of_added_candidates_the_first_is_taken_whose_probabilities_are_as_good()
    {
        Line(Plain, [.30, .31], [.1, .1]);
        Add([.50, .60], [.50, .51]);
        Add([.50, .60], [double.NaN, double.NaN]);
        Add([.50, .60], [.31, .29]);
        Add([.51, .59], [.30, .30]);
        Assert.Same(_entrants[3], Chosen());
        // A line that is as good in the metric goes before, whatever its log-loss.
        _entrants[0].Values[0] = .50;
        _entrants[0].Values[1] = .60;
        _entrants[0].LogLosses[0] = .7;
        Assert.Same(_entrants[0], Chosen());
    }

    [Fact]
    public void With_one_fold_the_best_is_taken()
    {
        Line(Plain, [.50], [.3]);
        Line(Focal, [.51], [.3]);
        Assert.Same(_entrants[1], Chosen());
    }

    private Entrant Chosen(bool isHigherBetter = true) => TuningChoice.Of(_entrants, isHigherBetter, .25).Chosen;

    private void Line(LineFamily family, double[] values, double[] logLosses)
    {
        var line = new LineEntrant(_entrants.Count, family, 1);
        for (var fold = 0; fold < values.Length; fold++)
            line.Add(new(values[fold], logLosses[fold]));
        _entrants.Add(line);
    }

    private void Add(double[] values, double[]? logLosses = null)
    {
        var added = new AddedEntrant(_entrants.Count, new("added", _ => null!));
        for (var fold = 0; fold < values.Length; fold++)
            added.Add(new FoldValue(values[fold], logLosses?[fold] ?? double.NaN));
        _entrants.Add(added);
    }
}
