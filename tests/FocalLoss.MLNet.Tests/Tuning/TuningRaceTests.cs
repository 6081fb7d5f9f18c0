using System.Diagnostics;
using FocalMlNet.Training;
using FocalMlNet.Tuning;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Tuning;

/// <summary>Who drops out, what is taken, and what ends a tuning before its time.</summary>
public sealed class TuningRaceTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>The long version is in the benchmarks: 100 draws, of which 90 at least must take it.</summary>
    [Fact]
    public void Where_gamma_and_weights_change_nothing_logistic_regression_is_taken()
    {
        var plain = Enumerable.Range(0, 10).Count(seed => Tune(Logistic(1000, seed), new()).Chosen is { Gamma: 0 } chosen
            && chosen.ClassWeighting == ClassWeighting.None);
        Assert.InRange(plain, 9, 10);
    }

    [Fact]
    public void A_gain_of_many_standard_errors_is_found()
    {
        // A line in the two features that there are tells nothing: the label is whether the product is above 0.
        var random = new Random(1);
        Row[] rows = [.. Enumerable.Range(0, 1500).Select(_ =>
        {
            float[] x = [(float)Rows.Normal(random), (float)Rows.Normal(random)];
            return new Row { Label = x[0] * x[1] > .8 && random.NextDouble() < .8, Features = x };
        })];
        var result = Tune(View(rows), new() { Gammas = [0, 2], Candidates = [Trees("FastTree")] });
        Assert.Equal("FastTree", result.Chosen.Name);
        Assert.Null(result.TrainerOptions);
        // Only logistic regression without weights stays to the end, however it does.
        Assert.All(
            result.Candidates.Where(c => c.Gamma is not null),
            c => Assert.Equal(c.Gamma == 0 && c.ClassWeighting == ClassWeighting.None, c.DroppedAfter is null));
        var sentence = Assert.Single(
            result.Conclusions, s => s.StartsWith("FastTree is clearly better than every line", StringComparison.Ordinal));
        var line = result.Candidates.Where(c => c.Gamma is not null).MaxBy(c => c.Mean)!;
        var where = line.DroppedAfter is { } folds ? $", in the {folds} folds before that dropped out." : ".";
        Assert.EndsWith($"best line, {line.Name}{where}", sentence, StringComparison.Ordinal);
        Assert.True(result.IsThresholdInModel);
        Assert.All(
            Rows.Score(_mlContext, result.Model, View(rows)), row => Assert.Equal(row.Probability > result.Threshold!.Probability,
            row.PredictedLabel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_race_drops_only_what_a_full_run_does_not_take(int seed)
    {
        var data = View(Rows.Gaussian(800, positiveRate: .1, seed: seed));
        // Candidates that rank at random, and upside down.
        var options = new BinaryTuningOptions
        {
            Gammas = [0, 2, 5],
            Candidates = [Trees("FastTree"), Feature("noise", 2), Feature("upside down", 0, -1)],
        };
        var (race, full) = (Tune(data, options), Tune(data, options with { Races = false }));
        Assert.Equal(full.Chosen.Name, race.Chosen.Name);
        var dropped = Enumerable.Range(0, full.Candidates.Count).Where(i => race.Candidates[i].DroppedAfter is not null).ToArray();
        Assert.NotEmpty(dropped);
        Assert.Contains(full.Candidates.Count - 1, dropped);
        Assert.All(dropped, i =>
        {
            Assert.Equal(race.Candidates[i].DroppedAfter, race.Candidates[i].FoldCount);
            Assert.InRange(race.Candidates[i].FoldCount, 2, 4);
            Assert.NotEqual(full.Chosen, full.Candidates[i]);
            Assert.True(full.Candidates[i].DifferenceToBest < 0);
        });
        Assert.All(full.Candidates, c => Assert.Null(c.DroppedAfter));
    }

    /// <summary>What comes after the comparison, rows that are read again for a prepared line included, is not of the budget.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_budget_that_ends_gives_what_is_known(bool isPrepared)
    {
        var fits = 0;
        var slow = new TuningCandidate("slow", w =>
        {
            if (++fits == 5)
                Thread.Sleep(5000);
            return _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w);
        });
        var result = Tune(View(Rows.Gaussian(400)), new()
        {
            Gammas = [0],
            L2Regularizations = [.01],
            Candidates = [slow, slow with { Name = "second" }],
            Preparation = isPrepared ? _mlContext.Transforms.NormalizeMinMax("Features") : null,
            TimeBudget = TimeSpan.FromSeconds(4),
        });
        Assert.False(Tune(View(Rows.Gaussian(200)), new() { Gammas = [0], TimeBudget = TimeSpan.MaxValue }).IsPartial);
        Assert.True(result.IsPartial);
        // In the third fold the second candidate came too late: the first two folds count.
        Assert.Equal(2, result.FoldCount);
        Assert.All(result.Candidates.Where(c => c.DroppedAfter is null), c => Assert.Equal(2, c.FoldCount));
        Assert.Contains(result.Conclusions, s => s.StartsWith("The time was over after 2 of 5 folds", StringComparison.Ordinal));
        Assert.Contains("(partial)", result.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(Rows.Score(_mlContext, result.Model, View(Rows.Gaussian(10))));
        // Nothing is known when the rows have not even been read.
        var slowRows = Rows.View(_mlContext, Rows.Gaussian(400), () => Thread.Sleep(20));
        Assert.Equal("TimeBudget = 00:00:00.0100000 was over before a candidate was judged.", Assert.Throws<TimeoutException>(
            () => Tune(slowRows, new() { TimeBudget = TimeSpan.FromMilliseconds(10) })).Message);
    }

    [Fact]
    public void A_cancelled_tuning_throws()
    {
        using var source = new CancellationTokenSource();
        var options = new BinaryTuningOptions
        {
            CancellationToken = source.Token,
            Progress = new Told(_ => source.Cancel()),
        };
        var clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => Tune(View(Rows.Gaussian(20_000, features: 30)), options));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void Progress_counts_to_the_end()
    {
        List<TuningProgress> told = [];
        var result = Tune(View(Rows.Gaussian(400)), new() { Gammas = [0, 1], Races = false, Progress = new Told(told.Add) });
        Assert.Equal(result.Candidates.Count * 5, told.Count);
        Assert.Equal(Enumerable.Range(1, told.Count).Select(i => (long)i), told.Select(p => p.Done));
        Assert.All(told, p => Assert.Equal(told.Count, p.Total));
        Assert.Equal((5, 5, TimeSpan.Zero), (told[^1].Fold, told[^1].FoldCount, told[^1].TimeLeft));
        Assert.StartsWith("Fold 1 of 5: 1 of ", told[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_that_fails_is_told_and_the_others_go_on()
    {
        var fits = 0;
        var result = Tune(View(Rows.Gaussian(400)), new()
        {
            Gammas = [0],
            Candidates =
            [
                new("broken", _ => throw new InvalidOperationException("It broke.")),
                new("late", w => ++fits < 3 ? Feature("", 0).Estimator(w) : throw new InvalidOperationException("Too late.")),
                new("no score", _ => _mlContext.Transforms.NormalizeMinMax("Features")),
                new("fewer rows", w => new FilteringEstimator().Append(Feature("", 0).Estimator(w))),
                new("null", _ => null!),
                Feature("good", 0),
            ],
        });
        var errors = result.Candidates.TakeLast(6).Select(c => c.Error).ToArray();
        Assert.Equal(["It broke.", "Too late."], errors.Take(2));
        Assert.Contains("'Score' is missing", errors[2], StringComparison.Ordinal);
        Assert.Contains("another number of rows", errors[3], StringComparison.Ordinal);
        Assert.Contains("gives null", errors[4], StringComparison.Ordinal);
        Assert.Null(errors[5]);
        Assert.Equal(5, result.Candidates[^1].FoldCount);
        Assert.Equal(2, result.Candidates[^5].FoldCount);
        Assert.Contains("broken failed: It broke.", result.Conclusions);
    }

    /// <summary>What comes out of the last fit is not what was judged: the next best is taken, and the table tells why.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_last_fit_that_fails_or_goes_wrong_puts_the_candidate_out(bool throws)
    {
        var fits = 0;
        List<string> told = [];
        var result = Tune(View(Rows.Gaussian(400, positiveRate: .3)), new()
        {
            Gammas = [0],
            // Lines that are of no use, so that the others come first.
            Preparation = _mlContext.Transforms.CustomMapping<FeatureRow, FeatureRow>(
                (row, shown) => shown.Features = [row.Features[1], row.Features[2], 1], null),
            Log = told.Add,
            Candidates =
            [
                new("late", w => ++fits < 6 ? Feature("", 0).Estimator(w)
                    : throws ? throw new InvalidOperationException("Too late.") : Feature("", 0, -1).Estimator(w)),
                Feature("good", 0),
            ],
        });
        Assert.Equal(6, fits);
        Assert.Equal("good", result.Chosen.Name);
        Assert.Equal(5, result.Candidates[^2].FoldCount);
        Assert.Matches(
            throws ? "^Too late.$" : @"^Fitted on all rows it has AveragePrecision of \S+ on these, but out of fold \S+ ± \S+: this fit",
            result.Candidates[^2].Error);
        Assert.Contains(
            told, line => line.StartsWith("Candidate 'late' is out after an error in the fit on all rows", StringComparison.Ordinal));
        Assert.Contains(result.Conclusions, line => line.StartsWith("late failed: ", StringComparison.Ordinal));
        Assert.Equal(400, result.OutOfFold.GetRowCount());
    }

    [Fact]
    public void If_all_fail_the_first_error_is_told()
    {
        var options = new BinaryTuningOptions { Gammas = [0], L2Regularizations = [.01], Candidates = [Feature("good", 0)] };
        var task = new FailingTask(new BinaryTuningTask(_mlContext.BinaryClassification, options));
        var error = Assert.Throws<InvalidOperationException>(
            () => new TuningRace(View(Rows.Gaussian(200)), task, options).Run());
        Assert.Equal("No candidate is left: all had errors. That of the first, γ = 0, is: It cannot be judged.", error.Message);
    }

    private BinaryTuningResult Tune(IDataView data, BinaryTuningOptions options)
        => _mlContext.BinaryClassification.TuneImbalanced(data, options);

    private IDataView View(Row[] rows) => Rows.View(_mlContext, rows);

    private TuningCandidate Trees(string name)
        => new(name, w => _mlContext.BinaryClassification.Trainers.FastTree(exampleWeightColumnName: w, numberOfTrees: 30));

    /// <summary>A candidate whose score is a feature, or its opposite.</summary>
    private TuningCandidate Feature(string name, int at, float sign = 1)
    {
        return new(name, _ => _mlContext.Transforms.CustomMapping<FeatureRow, ScoreRow>(Score, null));

        void Score(FeatureRow row, ScoreRow scored)
        {
            scored.Score = sign * row.Features[at];
            scored.Probability = 1 / (1 + MathF.Exp(-scored.Score));
        }
    }

    private IDataView Logistic(int count, int seed)
    {
        var random = new Random(seed);
        return View([.. Enumerable.Range(0, count).Select(_ =>
        {
            float[] x = [.. Enumerable.Range(0, 4).Select(_ => (float)Rows.Normal(random))];
            return new Row { Label = random.NextDouble() < 1 / (1 + Math.Exp(2 - x[0] - x[1] / 2)), Features = x };
        })]);
    }

    private sealed class FailingTask(ITuningTask task) : ITuningTask
    {
        public IFormulation Formulation => task.Formulation;

        public string MetricName => task.MetricName;

        public bool IsHigherBetter => task.IsHigherBetter;

        public bool JudgesProbabilities => task.JudgesProbabilities;

        public bool HasCalibrator => task.HasCalibrator;

        public ITransformer Calibrated(ITransformer model, Recalibration calibrator) => task.Calibrated(model, calibrator);

        public double Chance(JudgedRows rows) => task.Chance(rows);

        public FoldPredictions OfLine(float[][] scores, int rowCount) => task.OfLine(scores, rowCount);

        public FoldPredictions Read(IDataView scored, DataViewSchema input, int rowCount) => task.Read(scored, input, rowCount);

        public FoldValue Judge(FoldPredictions predictions, JudgedRows rows) => throw new InvalidOperationException("It cannot be judged.");

        public IEstimator<ITransformer> Trainer(LineFamily family, double penalty, CancellationToken cancellation)
            => task.Trainer(family, penalty, cancellation);
    }

    private sealed class Told(Action<TuningProgress> tell) : IProgress<TuningProgress>
    {
        public void Report(TuningProgress value) => tell(value);
    }

    private sealed class FeatureRow
    {
        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ScoreRow
    {
        public float Score { get; set; }

        public float Probability { get; set; }
    }

    /// <summary>Leaves out the first row of whatever it is given.</summary>
    internal sealed class FilteringEstimator : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => new FilteringTransformer();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inputSchema;
    }

    private sealed class FilteringTransformer : ITransformer
    {
        public bool IsRowToRowMapper => false;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public void Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => new MLContext().Data.SkipRows(input, 1);
    }
}
