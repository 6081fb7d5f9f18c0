namespace FocalMlNet.Tests.Losses;

public sealed class GammaScheduleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(.3)]
    [InlineData(1)]
    public void Constant_is_the_same_all_the_time(double progress) => Assert.Equal(2.5, GammaSchedule.Constant(2.5).At(progress));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(.25, .5)]
    [InlineData(1, 2)]
    public void Linear_goes_from_the_first_to_the_last(double progress, double expected)
        => Assert.Equal(expected, GammaSchedule.Linear(0, 2).At(progress), 1e-15);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(.4999, 0)]
    [InlineData(.5, 1)]
    [InlineData(.7, 1)]
    [InlineData(.75, 2)]
    [InlineData(1, 2)]
    public void A_stage_holds_from_where_it_begins_until_the_next(double progress, double expected)
    {
        (double, double)[] stages = [(0, 0), (.5, 1), (.75, 2)];
        var schedule = GammaSchedule.Stepwise(stages);
        stages[0] = (0, 9);
        Assert.Equal(expected, schedule.At(progress));
    }

    [Fact]
    public void The_ends_of_a_line_are_exact()
    {
        Assert.Equal(.1, GammaSchedule.Linear(.1, .7).At(0));
        Assert.Equal(.7, GammaSchedule.Linear(.1, .7).At(1));
    }

    [Fact]
    public void The_description_has_the_parameters()
        => Assert.Equal(
            ["Constant(2)", "Linear(0, 2.5)", "Stepwise((0, 0), (0.5, 2))"],
            [$"{GammaSchedule.Constant(2)}", $"{GammaSchedule.Linear(0, 2.5)}", $"{GammaSchedule.Stepwise((0, 0), (.5, 2))}"]);

    [Fact]
    public void Bad_input_is_refused_with_name_value_and_range()
    {
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "gamma = -1, but it should be in [0; 50]. (Parameter 'gamma')",
            () => GammaSchedule.Constant(-1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "first = NaN, but it should be in [0; 50]. (Parameter 'first')",
            () => GammaSchedule.Linear(double.NaN, 1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "last = Infinity, but it should be in [0; 50]. (Parameter 'last')",
            () => GammaSchedule.Linear(1, double.PositiveInfinity));
        LossChecks.AssertRefused<ArgumentException>("stages has 0 elements, but it should have at least 1. (Parameter 'stages')",
            () => GammaSchedule.Stepwise());
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("stages[0].From = 0.1, but it should be 0. (Parameter 'stages[0].From')",
            () => GammaSchedule.Stepwise((.1, 2)));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "stages[2].From = 0.5, but it should be in (0.5; 1). (Parameter 'stages[2].From')",
            () => GammaSchedule.Stepwise((0, 0), (.5, 1), (.5, 2)));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "stages[1].From = 1, but it should be in (0; 1). (Parameter 'stages[1].From')", () => GammaSchedule.Stepwise((0, 0), (1, 1)));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>(
            "stages[1].Gamma = -2, but it should be in [0; 50]. (Parameter 'stages[1].Gamma')",
            () => GammaSchedule.Stepwise((0, 0), (.5, -2)));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("progress = 1.1, but it should be in [0; 1]. (Parameter 'progress')",
            () => GammaSchedule.Constant(1).At(1.1));
        LossChecks.AssertRefused<ArgumentOutOfRangeException>("progress = NaN, but it should be in [0; 1]. (Parameter 'progress')",
            () => GammaSchedule.Constant(1).At(double.NaN));
    }

    [Fact]
    public void A_number_is_a_constant_schedule_and_equal_ones_are_equal()
    {
        GammaSchedule number = 2;
        Assert.Equal(GammaSchedule.Constant(2), number);
        Assert.Equal(GammaSchedule.Constant(2).GetHashCode(), number.GetHashCode());
        Assert.Equal(GammaSchedule.Linear(0, 2), GammaSchedule.Linear(0, 2));
        Assert.NotEqual(GammaSchedule.Linear(0, 2), GammaSchedule.Linear(0, 2.0000001));
        Assert.NotEqual(number, GammaSchedule.Linear(2, 2));
        Assert.StartsWith("gamma = -0.5, but it should be in [0; 50].",
            Assert.Throws<ArgumentOutOfRangeException>(() => number = -.5).Message, StringComparison.Ordinal);
    }
}
