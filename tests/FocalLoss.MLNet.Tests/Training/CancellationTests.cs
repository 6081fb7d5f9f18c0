using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Training;

/// <summary>A cancelled Fit ends soon, whatever it is at.</summary>
public sealed class CancellationTests
{
    private static readonly ParallelOptions Cancelled = new() { CancellationToken = new(canceled: true) };

    private readonly MLContext _mlContext = new(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void On_one_thread_no_row_is_read_after_the_one_that_sees_it(bool isNormalised)
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var view = View(isNormalised, () =>
        {
            if (++read == 200)
                source.Cancel();
        });
        AssertCancelled(view, new() { NumberOfThreads = 1, CancellationToken = source.Token }, source.Token);
        Assert.InRange(read, 200, 201);
    }

    [Fact]
    public void A_source_that_hangs_behind_a_stock_transform_is_not_waited_for()
    {
        using var source = new CancellationTokenSource();
        using var isFree = new ManualResetEventSlim();
        var read = 0;
        var view = View(isNormalised: true, () =>
        {
            if (Interlocked.Increment(ref read) != 200)
                return;
            source.Cancel();
            isFree.Wait(TimeSpan.FromSeconds(20));
        });
        AssertCancelled(view, new() { NumberOfThreads = 2, CancellationToken = source.Token }, source.Token);
        // The source would go on as soon as it is free.
        Assert.Equal(200, read);
        isFree.Set();
    }

    [Fact]
    public void It_is_seen_at_each_row_of_data_that_exceeds_the_budget()
    {
        using var source = new CancellationTokenSource();
        var read = 0;
        var view = View(isNormalised: false, () =>
        {
            if (++read == 1503)
                source.Cancel();
        });
        AssertCancelled(view, new() { NumberOfThreads = 1, MemoryBudget = 1, CancellationToken = source.Token }, source.Token);
        Assert.InRange(read, 1503, 1504);
    }

    /// <summary>Some hundred blocks are evaluated for a penalty; after the one that cancels, threads finish those they are at.</summary>
    [Fact]
    public void The_choice_of_the_penalty_sees_it()
    {
        using var source = new CancellationTokenSource();
        var uses = 0;
        var formulation = new Counting(new BinaryFormulation(_mlContext.BinaryClassification.Trainers, new(), given: null), () =>
        {
            if (Interlocked.Increment(ref uses) == 60)
                source.Cancel();
        });
        var rows = Rows.Gaussian(1500, features: 20);
        using var data = TrainingData.Read(
            new RowReader(Rows.View(_mlContext, rows), "Label", "Features", null), memoryBudget: long.MaxValue);
        var problem = new FocalProblem(formulation, 2, [1, 1]);
        var settings = new SolverSettings(
            100, 1e-3, null, 0, true, 0, new() { MaxDegreeOfParallelism = 2, CancellationToken = source.Token });
        Assert.Throws<OperationCanceledException>(() => { PenaltyChoice.Choose(problem, data, settings); });
        Assert.InRange(uses, 60, 90);
    }

    [Fact]
    public void Platt_scaling_sees_it()
    {
        DenseBlock[] rows = [new([1, -1], columnCount: 1, [1, 0], [1, 1])];
        var totals = new ClassTotals(2);
        totals.Add(rows[0]);
        Assert.Throws<OperationCanceledException>(() => ScoreCalibration.Platt(LinearModel.Constant(1, 0), rows, totals, Cancelled));
        Assert.Throws<OperationCanceledException>(() => LinearMap.Fit(new([1, -1], [1, 1]), [.8, .2], LinearMap.Identity, Cancelled));
    }

    [Fact]
    public void The_judges_of_early_stopping_see_it()
    {
        foreach (var judge in new[] { HeldOutJudge.Softmax, HeldOutJudge.OneVersusAll })
        {
            Assert.Throws<OperationCanceledException>(
                () => judge.Merit(EarlyStoppingMetric.AveragePrecision, [[1, 0], [0, 1]], [0, 1], [1, 1], Cancelled));
        }
    }

    /// <summary>2,000 rows from a source that tells of each.</summary>
    private IDataView View(bool isNormalised, Action visit)
    {
        var rows = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 2000).Select(i =>
        {
            visit();
            return SomeRow(i);
        }));
        var known = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 100).Select(SomeRow));
        return isNormalised ? _mlContext.Transforms.NormalizeMeanVariance("Features").Fit(known).Transform(rows) : rows;
    }

    private void AssertCancelled(IDataView view, FocalSgdBinaryTrainer.Options options, CancellationToken token)
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(options);
        var error = Assert.Throws<OperationCanceledException>(() => trainer.Fit(view));
        Assert.Equal(token, error.CancellationToken);
    }

    private static SourceRow SomeRow(int i) => new() { Label = i % 3 == 0, Features = [i % 7, -i % 5, i % 3] };

    /// <summary>A formulation that tells of each use of its objective.</summary>
    private sealed class Counting(IFormulation formulation, Action use) : IFormulation
    {
        public HeldOutJudge Judge => formulation.Judge;

        public IClassObjective Objective(double gamma, double[] classWeights)
            => new WatchedObjective(formulation.Objective(gamma, classWeights), use);

        public double[] ConstantScores(FocalProblem problem, ClassTotals totals) => [-1];

        public LinearModel ByCurve(FocalProblem problem, LinearModel model, TrainingData data, ParallelOptions parallel)
            => ScoreCalibration.Focal(model, [new FocalPosterior(2)], data, parallel);

        public void Warn(long rowsSkipped) => formulation.Warn(rowsSkipped);

        public ITransformer ToStockModel(LinearModel model, DataViewSchema.Column label, DataViewSchema.Column features)
            => formulation.ToStockModel(model, label, features);
    }

    private sealed class SourceRow
    {
        public bool Label { get; set; }

        [VectorType(3)]
        public float[] Features { get; set; } = [];
    }
}
