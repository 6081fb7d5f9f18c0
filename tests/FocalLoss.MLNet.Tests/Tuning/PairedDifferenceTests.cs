using FocalMlNet.Evaluation;
using FocalMlNet.Tuning;

namespace FocalMlNet.Tests.Tuning;

/// <summary>Against calculations by hand; the p value is that of SciPy's t distribution.</summary>
public sealed class PairedDifferenceTests
{
    [Fact]
    public void The_standard_error_is_corrected_for_training_sets_that_overlap()
    {
        // Differences .02, .01, .03, .00, .04: variance .00025, times 1/5 + 1/4.
        var difference = PairedDifference.Of([.52, .41, .33, .60, .74], [.50, .40, .30, .60, .70], .25);
        Assert.Equal(.02, difference.Mean, 1e-12);
        Assert.Equal(.010606601717798213, difference.StandardError, 1e-12);
        Assert.Equal(.13241892222024934, difference.PValue, 1e-9);
    }

    [Fact]
    public void Fewer_folds_are_compared_with_those_that_the_other_has_of_them()
        => Assert.Equal(.1, PairedDifference.Of([.5, .7], [.4, .6, 100], .25).Mean, 1e-12);

    [Fact]
    public void One_fold_tells_of_no_standard_error()
    {
        var difference = PairedDifference.Of([.5], [.4], .25);
        Assert.Equal(.1, difference.Mean, 1e-12);
        Assert.True(double.IsNaN(difference.StandardError) && double.IsNaN(difference.PValue));
    }

    [Fact]
    public void Equal_candidates_differ_by_nothing()
        => Assert.Equal(new PairedDifference(0, 0, 1), PairedDifference.Of([.5, .4], [.5, .4], .25));

    /// <summary>Sorted .005, .01, .03, .04 times 4, 3, 2, 1 gives .02, .03, .06, .04, of which the last is raised to .06.</summary>
    [Fact]
    public void Holm_multiplies_by_how_many_are_left_and_never_falls()
    {
        var adjusted = Holm.Adjusted([.01, .04, double.NaN, .03, .005]);
        double[] expected = [.03, .06, double.NaN, .06, .02];
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], adjusted[i], 1e-12);
        Assert.Equal([1, 1], Holm.Adjusted([.6, .9]));
    }
}
