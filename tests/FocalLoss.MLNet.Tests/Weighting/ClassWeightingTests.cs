using FocalMlNet.Tests.Losses;

namespace FocalMlNet.Tests.Weighting;

public sealed class ClassWeightingTests
{
    [Fact]
    public void Balanced_gives_every_class_the_same_total_and_an_example_a_mean_of_one()
    {
        double[] counts = [100, 200, 50, 10];
        var weights = ClassWeighting.Balanced.FromCounts(counts);
        AssertClose([.9, .45, 1.8, 9], weights);
        Assert.Equal(360, weights.Zip(counts, (w, n) => w * n).Sum(), 1e-10);
    }

    [Fact]
    public void Inverse_frequency_sums_to_one()
    {
        // The figures of one of the descriptions that started the project.
        var weights = ClassWeighting.InverseFrequency.FromCounts([100, 200, 50, 10]);
        AssertClose([.0741, .0370, .1481, .7407], weights, 5e-5);
        AssertClose([2 / 27.0, 1 / 27.0, 4 / 27.0, 20 / 27.0], weights);
    }

    [Fact]
    public void Effective_number_is_the_formula_of_the_paper_with_mean_one()
    {
        double[] counts = [1000, 20, 3.5];
        var weights = ClassWeighting.EffectiveNumber(.99).FromCounts(counts);
        double[] raw = [.. counts.Select(n => (1 - .99) / (1 - Math.Pow(.99, n)))];
        AssertClose([.. raw.Select(w => w * 3 / raw.Sum())], weights, 1e-12);
        Assert.Equal(3, weights.Sum(), 1e-12);
    }

    [Fact]
    public void Effective_number_goes_from_no_weights_to_inverse_frequency()
    {
        double[] counts = [1000, 20, 4];
        AssertClose([1, 1, 1], ClassWeighting.EffectiveNumber(0).FromCounts(counts));
        // Next to 1 the formula as it stands loses all digits: 1 - β^n is 0 or a few times 1e-16.
        var inverse = ClassWeighting.InverseFrequency.FromCounts(counts);
        AssertClose([.. inverse.Select(w => 3 * w)], ClassWeighting.EffectiveNumber(Math.BitDecrement(1.0)).FromCounts(counts), 1e-12);
    }

    [Fact]
    public void Custom_weights_are_taken_as_they_are()
    {
        double[] own = [1, 0, 7];
        var weighting = ClassWeighting.Custom(own);
        own[0] = 100;
        AssertClose([1, 0, 7], weighting.FromCounts([5, 6, 7]));
        weighting.FromCounts([5, 6, 7])[0] = 100;
        AssertClose([1, 0, 7], weighting.FromCounts([5, 6, 7]));
    }

    [Fact]
    public void None_is_one_for_each_class_and_no_class_has_no_weight()
    {
        AssertClose([1, 1], ClassWeighting.None.FromCounts([3, 999]));
        foreach (var weighting in new[] { ClassWeighting.None, ClassWeighting.Balanced, ClassWeighting.InverseFrequency,
            ClassWeighting.EffectiveNumber(.9) })
            Assert.Empty(weighting.FromCounts([]));
    }

    [Fact]
    public void Counts_of_any_size_give_finite_weights()
    {
        foreach (var weighting in new[] { ClassWeighting.Balanced, ClassWeighting.InverseFrequency, ClassWeighting.EffectiveNumber(.999) })
            Assert.All(weighting.FromCounts([1e200, 1e-3, 1e-90]), w => Assert.True(double.IsFinite(w)));
    }

    [Fact]
    public void The_name_is_the_rule_with_its_parameters()
        => Assert.Equal(
            ["None", "Balanced", "InverseFrequency", "EffectiveNumber(0.99)", "Custom(1, 2.5)"],
            [
                $"{ClassWeighting.None}", $"{ClassWeighting.Balanced}", $"{ClassWeighting.InverseFrequency}",
                    $"{ClassWeighting.EffectiveNumber(.99)}",
                $"{ClassWeighting.Custom(1, 2.5)}",
            ]);

    [Fact]
    public void Bad_input_is_refused_with_name_value_and_range()
    {
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("counts[1] = 0, but it should be in (0; +∞). (Parameter 'counts[1]')",
            () => ClassWeighting.Balanced.FromCounts([1, 0]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("counts[0] = NaN, but it should be in (0; +∞). (Parameter 'counts[0]')",
            () => ClassWeighting.InverseFrequency.FromCounts([double.NaN]));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("beta = 1, but it should be in [0; 1). (Parameter 'beta')",
            () => ClassWeighting.EffectiveNumber(1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("beta = NaN, but it should be in [0; 1). (Parameter 'beta')",
            () => ClassWeighting.EffectiveNumber(double.NaN));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "weights[1] = -1, but it should be 0 or in [1E-30; 1E+30]. (Parameter 'weights[1]')",
            () => ClassWeighting.Custom(1, -1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "weights[0] = NaN, but it should be 0 or in [1E-30; 1E+30]. (Parameter 'weights[0]')",
            () => ClassWeighting.Custom(double.NaN));
        LossChecks.AssertRefused<ArgumentException>("weights are all 0, but one at least should be above 0. (Parameter 'weights')",
            () => ClassWeighting.Custom(0, 0));
        LossChecks.AssertRefused<ArgumentException>("weights has 0 elements, but it should have at least 1. (Parameter 'weights')",
            () => ClassWeighting.Custom());
        LossChecks.AssertRefused<ArgumentException>("counts has 3 elements, but it should have 2, one for each weight. (Parameter "
            + "'counts')", () => ClassWeighting.Custom(1, 2).FromCounts([1, 2, 3]));
        Assert.Throws<ArgumentNullException>("counts", () => ClassWeighting.Balanced.FromCounts(null!));
        Assert.Throws<ArgumentNullException>("weights", () => ClassWeighting.Custom(null!));
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-14)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var k = 0; k < expected.Length; k++)
            Assert.Equal(expected[k], actual[k], tolerance);
    }
}
