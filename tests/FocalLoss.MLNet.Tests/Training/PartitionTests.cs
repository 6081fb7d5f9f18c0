using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Training;

/// <summary>The same rows in the same order give the same bits, from one view or several, in memory or in a file.</summary>
public sealed class PartitionTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(1, null)]
    [InlineData(3, null)]
    [InlineData(3, 1L)]
    [InlineData(1, 200_000L)]
    public void Two_classes_do_not_depend_on_how_rows_are_cut(int threads, long? budget)
    {
        var rows = Rows.Gaussian(5000, features: 6);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 3;
        var options = new FocalSgdBinaryTrainer.Options { ExampleWeightColumnName = "Weight", NumberOfThreads = 1 };
        var trainers = _mlContext.BinaryClassification.Trainers;
        var expected = Bits(trainers.FocalSgd(options).Fit(Rows.View(_mlContext, rows)));
        foreach (var cuts in new int[][] { [2500], [1, 511, 512, 513], [0, 0, 4999, 5000], [] })
        {
            var trainer = trainers.FocalSgd(options with { NumberOfThreads = threads, MemoryBudget = budget });
            Assert.Equal(expected, Bits(trainer.Fit(Cut(rows, cuts, part => _mlContext.Data.Cache(Rows.View(_mlContext, part, 6))))));
        }

        static uint[] Bits(BinaryPredictionTransformer<Microsoft.ML.Calibrators.CalibratedModelParametersBase<
            Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>> model)
            => [.. model.Model.SubModel.Weights.Append(model.Model.SubModel.Bias).Select(BitConverter.SingleToUInt32Bits)];
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax, 1)]
    [InlineData(MulticlassFormulation.Softmax, 4)]
    [InlineData(MulticlassFormulation.OneVersusAll, 4)]
    public void Nor_do_several_classes(MulticlassFormulation formulation, int threads)
    {
        var rows = MulticlassRows.Gaussian(3000);
        var options = new FocalSgdMulticlassTrainer.Options { Formulation = formulation, NumberOfThreads = threads, MemoryBudget = 50_000 };
        var trainer = _mlContext.MulticlassClassification.Trainers.FocalSgd(options);
        var whole = MulticlassRows.View(_mlContext, rows);
        var parts = Cut(rows, [7, 1500, 1501], part => MulticlassRows.View(_mlContext, part, 4));
        float[] Scores(ITransformer model) => [.. MulticlassRows.Score(_mlContext, model, whole).SelectMany(row => row.Score)];
        Assert.Equal(Scores(trainer.Fit(whole)), Scores(trainer.Fit(parts)));
    }

    /// <summary>
    /// Of more rows than have two million values (or than are 4,096), second derivatives, stochastic starts and the steps of a given
    /// learning rate read some at a time: the same ones from a file as from memory.
    /// </summary>
    [Theory]
    [InlineData(null, 1L)]
    [InlineData(null, 6_000_000L)]
    [InlineData(.3, 1L)]
    [InlineData(.3, 6_000_000L)]
    public void A_draw_of_rows_is_the_same_from_a_file(double? learningRate, long budget)
    {
        var view = Rows.View(_mlContext, Rows.Gaussian(7000, features: 400));
        AssertSameFromFile(new()
        {
            LearningRate = learningRate,
            L2Regularization = 1e-3,
            NumberOfIterations = 2,
            Calibration = CalibrationMethod.None,
        }, budget, view);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(.3)]
    public void Wide_sparse_rows_are_the_same_from_a_file(double? learningRate)
    {
        var random = new Random(1);
        var rows = Rows.Gaussian(6000, features: 700);
        foreach (var row in rows)
        {
            for (var j = 1; j < row.Features.Length; j++)
                row.Features[j] = random.Next(3) > 0 ? row.Features[j] : 0;
        }

        AssertSameFromFile(
            new() { LearningRate = learningRate, NumberOfIterations = 3 }, 1, Rows.SparseView(_mlContext, rows, columns: 3000));
    }

    /// <summary>So many classes that the start is stochastic, on a part of the rows.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData(.3)]
    public void A_start_with_many_classes_is_the_same_from_a_file(double? learningRate)
    {
        var rows = MulticlassRows.Gaussian(4600, classes: 34);
        var random = new Random(1);
        foreach (var row in rows)
            row.Features = [.. row.Features, .. Enumerable.Range(0, 508).Select(_ => (float)Rows.Normal(random))];
        var (view, log) = (MulticlassRows.View(_mlContext, rows, 34), new List<string>());
        float[][] Weights(long? budget) => _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
        {
            LearningRate = learningRate,
            L2Regularization = 1e-3,
            NumberOfIterations = 2,
            MemoryBudget = budget,
            Calibration = CalibrationMethod.None,
            Log = log.Add,
        }).Solve(view).Coefficients;
        var expected = Weights(null);
        Assert.DoesNotContain(log, line => line.Contains("temporary file", StringComparison.Ordinal));
        Assert.Equal(expected, Weights(1));
        Assert.Contains(log, line => line.Contains("temporary file", StringComparison.Ordinal));
    }

    private void AssertSameFromFile(FocalSgdBinaryTrainer.Options options, long budget, IDataView view)
    {
        List<string> log = [];
        float[] Weights(long? memory)
        {
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(options with { MemoryBudget = memory, Log = log.Add }).Fit(view);
            return [.. model.Model.SubModel.Weights, model.Model.SubModel.Bias];
        }

        var expected = Weights(null);
        Assert.DoesNotContain(log, line => line.Contains("temporary file", StringComparison.Ordinal));
        Assert.Equal(expected, Weights(budget));
        Assert.Contains(log, line => line.Contains("temporary file", StringComparison.Ordinal));
    }

    [Fact]
    public void Views_that_do_not_match_are_refused()
    {
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        Assert.StartsWith("inputs has no view", Assert.Throws<ArgumentException>(() => trainer.Fit([])).Message, StringComparison.Ordinal);
        IDataView[] views = [Rows.View(_mlContext, Rows.Gaussian(50)), Rows.View(_mlContext, Rows.Gaussian(50, features: 5))];
        Assert.StartsWith(
            "Column 'Features' of inputs[1] is Vector<Single, 5>, but it should be Vector<Single, 3>",
            Assert.Throws<ArgumentException>(() => trainer.Fit(views)).Message, StringComparison.Ordinal);
        Assert.Equal(
            "inputs[1] is null. (Parameter 'inputs')",
            Assert.Throws<ArgumentException>(() => trainer.Fit([views[0], null!])).Message);
        // Keys that count the same values in another order would exchange classes.
        IDataView Keyed(params string[] order) => _mlContext.Transforms.Conversion.MapValueToKey("Key", "Text").Fit(
            _mlContext.Data.LoadFromEnumerable(order.Select(text => new TextRow { Text = text }))).Transform(
            _mlContext.Data.LoadFromEnumerable(order.Select(text => new TextRow { Text = text })));
        var multiclass = _mlContext.MulticlassClassification.Trainers.FocalSgd("Key");
        Assert.Contains("with the same key values as in inputs[0]", Assert.Throws<ArgumentException>(
            () => multiclass.Fit([Keyed("a", "b", "a"), Keyed("b", "a", "a")])).Message, StringComparison.Ordinal);
        _ = multiclass.Fit([Keyed("a", "b", "a"), Keyed("a", "b", "b")]);
    }

    [Fact]
    public void All_cursors_are_closed_also_when_a_fit_fails()
    {
        var rows = Rows.Gaussian(200);
        rows[150].Weight = -1;
        List<CountingView> views = [.. new[] { rows[..100], rows[100..160], rows[160..] }.Select(
            part => new CountingView(Rows.View(_mlContext, part)))];
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { ExampleWeightColumnName = "Weight" });
        Assert.Throws<InvalidOperationException>(() => trainer.Fit(views));
        Assert.All(views, view => Assert.Equal(view.Opened, view.Closed));
    }

    /// <summary>How many cursors are asked for is advice.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("Weight")]
    public void A_view_may_have_more_cursors_than_are_asked_for(string? key)
    {
        var rows = Rows.Gaussian(3000, features: 6);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = i / 4;
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { NumberOfThreads = 1, SamplingKeyColumnName = key });
        var whole = Rows.View(_mlContext, rows);
        IDataView stubborn = new StubbornView(_mlContext.Data.Cache(whole));
        var expected = trainer.Fit(whole).Model.SubModel.Weights;
        Assert.Equal(expected, trainer.Fit(stubborn).Model.SubModel.Weights);
        Assert.Equal(expected, trainer.Fit([stubborn]).Model.SubModel.Weights);
    }

    [Fact]
    public void Copies_of_rows_are_refused_in_whichever_view_they_are()
    {
        var plain = Rows.View(_mlContext, Rows.Gaussian(300));
        var copies = _mlContext.Data.Oversample(Rows.View(_mlContext, Rows.Gaussian(300, seed: 2)));
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { Calibration = CalibrationMethod.Platt });
        foreach (var views in new IDataView[][] { [plain, copies], [copies, plain] })
        {
            Assert.StartsWith(
                "Data with copies of rows", Assert.Throws<InvalidOperationException>(() => trainer.Fit(views)).Message,
                StringComparison.Ordinal);
        }
    }

    private static IDataView[] Cut<T>(T[] rows, int[] cuts, Func<T[], IDataView> view)
        => [.. cuts.Append(rows.Length).Zip(cuts.Prepend(0), (end, start) => view(rows[start..end]))];

    private sealed class TextRow
    {
        public string Text { get; set; } = "";

        [VectorType(1)]
        public float[] Features { get; set; } = [1];
    }

    /// <summary>Has two cursors always.</summary>
    private sealed class StubbornView(IDataView source) : IDataView
    {
        public bool CanShuffle => false;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
            => source.GetRowCursor(columnsNeeded, rand);

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => source.GetRowCursorSet(columnsNeeded, 2, rand);
    }

    /// <summary>Counts the cursors of a view.</summary>
    private sealed class CountingView(IDataView source) : IDataView
    {
        private int _closed;

        public int Opened { get; private set; }

        public int Closed => _closed;

        public bool CanShuffle => false;

        public DataViewSchema Schema => source.Schema;

        public long? GetRowCount() => source.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            Opened++;
            return new Counted(source.GetRowCursor(columnsNeeded, rand), () => Interlocked.Increment(ref _closed));
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [GetRowCursor(columnsNeeded, rand)];
    }

    private sealed class Counted(DataViewRowCursor source, Action closed) : DataViewRowCursor
    {
        private bool _isClosed;

        public override long Position => source.Position;

        public override long Batch => source.Batch;

        public override DataViewSchema Schema => source.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => source.IsColumnActive(column);

        public override bool MoveNext() => source.MoveNext();

        public override ValueGetter<DataViewRowId> GetIdGetter() => source.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => source.GetGetter<TValue>(column);

        protected override void Dispose(bool disposing)
        {
            if (!_isClosed)
                closed();
            _isClosed = true;
            source.Dispose();
            base.Dispose(disposing);
        }
    }
}
