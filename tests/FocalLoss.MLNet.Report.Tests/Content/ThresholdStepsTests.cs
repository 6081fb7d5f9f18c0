using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Report.Tests.Content;

public class ThresholdStepsTests
{
    private static readonly BinaryClassificationCatalog Catalog = DrawnRows.MlContext.BinaryClassification;

    [Theory]
    [InlineData(300, 1, false)]
    [InlineData(300, 1, true)]
    [InlineData(20_000, 197, false)]
    public void Each_step_of_a_line_counts_what_its_threshold_counts_in_the_model(int count, int every, bool isWeighted)
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(DrawnRows.Of(2000, .1, 1)));
        CheckSteps(count, every, isWeighted, model, (m, t) => Catalog.WithThreshold(m, t));
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(20_000, 149)]
    public void Each_step_of_trees_counts_what_its_threshold_counts_in_the_model(int count, int every)
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.FastTree(numberOfTrees: 20))
            .Fit(DrawnRows.View(DrawnRows.Of(2000, .1, 1)));
        CheckSteps(count, every, false, model, (m, t) => Catalog.WithThreshold(m, t));
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(20_000, 197)]
    public void Without_probabilities_steps_are_thresholds_on_the_score(int count, int every)
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.AveragedPerceptron())
            .Fit(DrawnRows.View(DrawnRows.Of(2000, .1, 1)));
        CheckSteps(count, every, false, model, (m, t) => new TransformerChain<ITransformer>(
            [.. m.SkipLast(1), Catalog.ChangeModelThreshold(m.LastTransformer, (float)t)]));
    }

    [Fact]
    public void Rows_of_a_weight_of_0_count_nowhere()
    {
        var rows = DrawnRows.Of(400, .2, 3, weight: random => random.Next(3));
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var content = DrawnRows.Content(DrawnRows.Compare(DrawnRows.View(rows), [("Model", model)], "Weight"));
        Assert.Equal(rows.Count(row => row.Weight > 0), content.Rows);
        Assert.Equal(rows.Where(row => row.Label).Sum(row => row.Weight), content.Positives);
        Assert.Equal(rows.Where(row => !row.Label).Sum(row => row.Weight), content.Negatives);
        Assert.True(content.IsWeighted);
        var (sum, squares) = (rows.Where(row => row.Label).Sum(row => (double)row.Weight),
            rows.Where(row => row.Label).Sum(row => (double)row.Weight * row.Weight));
        Assert.Equal(sum * sum / squares, content.EffectivePositives, 1e-9);
    }

    [Fact]
    public void Few_probabilities_are_all_steps_and_the_first_calls_nothing_the_last_all()
    {
        var steps = StepsOf([false, true, false, true, false], [.1f, .8f, .3f, .3f, .1f]);
        // Above .8 none; between .3 and .8; between .1 and .3; below .1.
        Assert.Equal([(0, 0), (1, 0), (2, 1), (2, 3)], steps.Select(step => ((int)step.TruePositives, (int)step.FalsePositives)));
        Assert.Equal([.9f, .6f, .2f, .05f], steps.Select(step => step.Threshold), (a, b) => Math.Abs(a - b) < .06);
    }

    [Fact]
    public void No_threshold_calls_a_probability_of_0_positive_or_leaves_one_of_1_uncalled_but_1_itself()
    {
        var steps = StepsOf([false, true, false, true], [0, 1, .5f, 0]);
        Assert.Equal([(0, 0), (1, 0), (1, 1)], steps.Select(step => ((int)step.TruePositives, (int)step.FalsePositives)));
        Assert.Equal(1, steps[0].Threshold);
        Assert.InRange(steps[2].Threshold, 0, .4999f);
    }

    [Fact]
    public void A_threshold_typed_as_it_is_shown_counts_the_same()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(3000, 5);
        foreach (var step in StepsOf(labels, probabilities))
        {
            var typed = double.Parse(step.Threshold.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            Assert.Equal(step.TruePositives, probabilities.Where((p, i) => p > typed && labels[i]).Count());
            Assert.Equal(step.FalsePositives, probabilities.Where((p, i) => p > typed && !labels[i]).Count());
        }
    }

    [Fact]
    public void Neighbouring_probabilities_are_told_apart()
    {
        var low = .3f;
        var (middle, high) = (MathF.BitIncrement(low), MathF.BitIncrement(MathF.BitIncrement(low)));
        var steps = StepsOf([true, false, true], [low, middle, high]);
        Assert.Equal([(0, 0), (1, 0), (1, 1), (2, 1)], steps.Select(step => ((int)step.TruePositives, (int)step.FalsePositives)));
        Assert.Equal(1, new[] { low, middle, high }.Count(p => p > steps[1].Threshold));
        Assert.Equal(2, new[] { low, middle, high }.Count(p => p > steps[2].Threshold));
    }

    [Fact]
    public void Of_many_scores_there_are_2000_steps_at_most_and_no_share_moves_far_between_two()
    {
        var (labels, probabilities) = DrawnRows.Calibrated(30_000, 6);
        var content = DrawnRows.Content(DrawnRows.Compared(labels, probabilities));
        var steps = content.Models[0].Steps;
        Assert.InRange(steps.Count, 1000, 2000);
        foreach (var (one, next) in steps.Zip(steps.Skip(1)))
        {
            Assert.True(next.Threshold < one.Threshold);
            Assert.InRange((next.TruePositives - one.TruePositives) / content.Positives, 0, .01);
            Assert.InRange((next.FalsePositives - one.FalsePositives) / content.Negatives, 0, .01);
        }

        Assert.Equal((content.Positives, content.Negatives), (steps[^1].TruePositives, steps[^1].FalsePositives));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(20_000)]
    public void Policies_have_the_steps_that_ChooseThreshold_chooses(int count)
    {
        var train = DrawnRows.View(DrawnRows.Of(2000, .1, 1));
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(train);
        var test = DrawnRows.View(DrawnRows.Of(count, .1, 2));
        ThresholdPolicy[] policies =
        [
            ThresholdPolicy.MaximizeF(2), ThresholdPolicy.ReachRecall(.6), ThresholdPolicy.ReachPrecision(.5),
            ThresholdPolicy.MaximizeMatthewsCorrelation, ThresholdPolicy.MaximizeBalancedAccuracy, ThresholdPolicy.AlertRate(.07),
            ThresholdPolicy.MaximizeProfit(CostMatrix.OfMissCost(7)),
        ];
        var content = DrawnRows.Content(DrawnRows.Compare(test, [("Model", model)]), new() { Policies = policies });
        Assert.Equal(policies.Length, content.Models[0].Policies.Count);
        foreach (var (policy, marked) in policies.Zip(content.Models[0].Policies))
        {
            var expected = Catalog.ChooseThreshold(model.Transform(test), policy).ConfusionCounts;
            var step = content.Models[0].Steps[marked.Step];
            Assert.Equal((expected.TruePositives, expected.FalsePositives), (step.TruePositives, step.FalsePositives));
        }
    }

    [Fact]
    public void A_policy_out_of_reach_is_left_out_and_named_in_the_note()
    {
        // The two highest are negative: no threshold has a precision of 80 %.
        var content = DrawnRows.Content(DrawnRows.Compared([false, false, true, true], [.9f, .8f, .7f, .6f]));
        Assert.DoesNotContain(content.Models[0].Policies, policy => policy.Name.StartsWith("precision", StringComparison.Ordinal));
        Assert.EndsWith("No threshold of “Given” gives a precision of 80 %.", content.ThresholdNote, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(.5f, 4)]
    [InlineData(.75f, 2)]
    [InlineData(.99f, 0)]
    public void The_own_threshold_is_the_step_that_calls_as_many_rows(float own, int called)
    {
        var content = DrawnRows.Content(
            DrawnRows.Compared([true, false, true, false, false], [.9f, .8f, .7f, .6f, .1f], own: own));
        var step = content.Models[0].Steps[content.Models[0].OwnThreshold];
        Assert.Equal(called, step.TruePositives + step.FalsePositives);
    }

    [Fact]
    public void A_model_that_does_not_go_by_its_probability_has_no_own_threshold()
    {
        var content = DrawnRows.Content(DrawnRows.Compared([true, false, true], [.9f, .8f, .7f], [.1f, .7f, .9f], own: -1));
        Assert.Equal(3, content.Models[0].Steps[content.Models[0].OwnThreshold] is var step ? step.TruePositives + step.FalsePositives : 0);
        var rows = Evaluation.ScoredRows.Of([.9f, .8f, .7f], [true, false, true], [1, 1, 1], [.9f, .8f, .7f], [false, true, false]);
        Assert.Equal(-1, new ModelRows(rows).OwnCut);
    }

    [Fact]
    public void The_threshold_for_the_costs_is_told_as_it_is_and_needs_no_labels()
    {
        var content = DrawnRows.Content(DrawnRows.Compared([true, false, false], [.9f, .2f, .01f]),
            new() { Costs = CostMatrix.OfMissCost(9) });
        var policy = Assert.Single(content.Models[0].Policies, p => p.Name == "lowest cost by the probabilities");
        // 1 / (1 + 9).
        Assert.Equal(.1f, content.Models[0].Steps[policy.Step].Threshold);
        Assert.Equal(1, content.Models[0].Steps[policy.Step].FalsePositives);
    }

    [Fact]
    public void A_probability_that_is_the_threshold_is_not_above_it()
    {
        // 1 / (1 + 3).
        var content = DrawnRows.Content(
            DrawnRows.Compared([true, true, false], [.9f, .25f, .01f]), new() { Costs = CostMatrix.OfMissCost(3) });
        var policy = Assert.Single(content.Models[0].Policies, p => p.Name == "lowest cost by the probabilities");
        var step = content.Models[0].Steps[policy.Step];
        Assert.Equal(1, step.TruePositives);
        Assert.Equal(1, new[] { .9f, .25f, .01f }.Count(p => p > step.Threshold));
    }

    private static IReadOnlyList<StepContent> StepsOf(bool[] labels, float[] probabilities)
        => DrawnRows.Content(DrawnRows.Compared(labels, probabilities)).Models[0].Steps;

    private static void CheckSteps<TModel>(
        int count, int every, bool isWeighted, TransformerChain<BinaryPredictionTransformer<TModel>> model,
        Func<TransformerChain<BinaryPredictionTransformer<TModel>>, double, ITransformer> withThreshold)
        where TModel : class
    {
        var weight = isWeighted ? "Weight" : null;
        var test = DrawnRows.View(DrawnRows.Of(count, .1, 2, weight: random => (float)(.1 + random.NextDouble())));
        var content = DrawnRows.Content(DrawnRows.Compare(test, [("Model", model)], weight)).Models[0];
        Assert.InRange(content.Steps.Count, Math.Min(count / 5, 100), 2000);
        for (var i = 0; i < content.Steps.Count; i += every)
        {
            var step = content.Steps[i];
            var counts = DrawnRows.Counts(withThreshold(model, step.Threshold).Transform(test), weight);
            // Weights are added up in another order.
            var rounding = isWeighted ? 1e-9 : 0;
            Assert.Equal(counts.TruePositives, step.TruePositives, rounding);
            Assert.Equal(counts.FalsePositives, step.FalsePositives, rounding);
        }
    }
}
