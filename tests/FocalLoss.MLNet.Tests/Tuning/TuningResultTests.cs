using Microsoft.ML;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What a tuning has found is told, whatever happens to a part of it, and its parts say the same.</summary>
public sealed class TuningResultTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    private IDataView Gaussian => Rows.View(_mlContext, Rows.Gaussian(400, positiveRate: .15));

    /// <summary>Labels are drawn without a look at the features: no threshold is right in 99 of 100 alerts.</summary>
    [Fact]
    public void A_policy_that_no_threshold_meets_costs_the_threshold_and_nothing_else()
    {
        var random = new Random(3);
        Row[] rows = [.. Rows.Gaussian(300).Select(row => new Row { Label = random.NextDouble() < .2, Features = row.Features })];
        var view = Rows.View(_mlContext, rows);
        var result = Tune(view, new() { ThresholdPolicy = ThresholdPolicy.ReachPrecision(.99) });
        Assert.Null(result.Threshold);
        Assert.False(result.IsThresholdInModel);
        Assert.Matches(
            @"^ReachPrecision\(0\.99\) is not met out of fold, and the model keeps its own threshold: No threshold gives a precision of at "
            + @"least 0\.99: the highest of any is 0\.\d+\.$", result.Conclusions[^1]);
        Assert.All(Rows.Score(_mlContext, result.Model, view), row => Assert.Equal(row.Probability > .5f, row.PredictedLabel));
        Assert.All(Rows.Score(_mlContext, new Microsoft.ML.Data.TransformerChain<ITransformer>(), result.OutOfFold),
            row => Assert.Equal(row.Probability > .5f, row.PredictedLabel));
    }

    /// <summary>Such as a request of its own that takes too long: nobody has cancelled the tuning.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void A_candidate_that_cancels_itself_has_failed_like_any_other(int fit)
    {
        var fits = 0;
        var result = Tune(Gaussian, new()
        {
            Candidates =
            [
                new("mine", w => ++fits == fit
                    ? throw new TaskCanceledException("It took too long.")
                    : _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w)),
            ],
            Metric = BinaryMetric.LogLoss,
            L2Regularizations = [1e6],
        });
        Assert.Equal("It took too long.", result.Candidates[^1].Error);
        Assert.NotNull(result.TrainerOptions);
    }

    /// <summary>
    /// A kernel map draws its directions anew at each fit: what is reported of a fold is of the map that it was judged with, and λ is that
    /// of the map in the model.
    /// </summary>
    [Fact]
    public void A_preparation_that_draws_at_random_is_fitted_once_in_each_fold_and_once_for_the_model()
    {
        var fits = 0;
        var map = _mlContext.Transforms.ApproximatedKernelMap("Features", rank: 4);
        var result = Tune(Gaussian, new() { Preparation = new Counting(map, () => fits++), Races = false });
        Assert.Equal(5 + 1, fits);
        var rows = _mlContext.Data.CreateEnumerable<FoldRow>(result.OutOfFold, reuseRowObject: false).ToArray();
        var values = rows.GroupBy(row => row.Fold).Select(fold => Rows.AveragePrecision(
            [.. fold.Select(row => new Scored { Label = row.Label, Score = row.Score })]));
        Assert.Equal(result.Chosen.Mean, values.Average(), 1e-6);
    }

    private BinaryTuningResult Tune(IDataView view, BinaryTuningOptions options)
        => _mlContext.BinaryClassification.TuneImbalanced(view, options with { Gammas = [0], ClassWeightings = [ClassWeighting.None] });

    private sealed class FoldRow
    {
        public int Fold { get; set; }

        public bool Label { get; set; }

        public float Score { get; set; }
    }

    private sealed class Counting(IEstimator<ITransformer> inner, Action fitted) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            fitted();
            return inner.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }
}
