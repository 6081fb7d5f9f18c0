using FocalMlNet.Tests.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Splits;

public sealed class TimeOrderedSplitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    /// <summary>
    /// The rule of scikit-learn's TimeSeriesSplit: test parts of ⌊n / (k + 1)⌋ rows at the end, all before each for training.
    /// </summary>
    [Theory]
    [InlineData(6, 5)]
    [InlineData(100, 5)]
    [InlineData(103, 4)]
    [InlineData(7, 2)]
    public void Folds_of_different_times_are_those_of_the_time_series_split(int count, int folds)
    {
        var times = Shuffled(count);
        var found = Split(times, folds);
        var size = count / (folds + 1);
        Assert.Equal(folds, found.Count);
        for (var fold = 0; fold < folds; fold++)
        {
            var start = count - (folds - fold) * size;
            Assert.Equal(Enumerable.Range(0, start).Select(i => (double)i), Times(found[fold].TrainSet).Order());
            Assert.Equal(Enumerable.Range(start, size).Select(i => (double)i), Times(found[fold].TestSet).Order());
            Assert.Equal((start, size), (found[fold].TrainSet.GetRowCount(), found[fold].TestSet.GetRowCount()));
        }
    }

    [Fact]
    public void Rows_come_in_the_order_of_the_data()
    {
        var times = Shuffled(200);
        foreach (var (train, test) in Split(times, 3, gap: 4.5))
        {
            Assert.Equal(times.Intersect(Times(train)), Times(train));
            Assert.Equal(times.Intersect(Times(test)), Times(test));
        }
    }

    /// <summary>Whatever the times are, those of a fold never overlap, and nothing is lost between test parts.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Rows_of_one_time_stay_together_and_none_of_the_future_trains(int seed)
    {
        var random = new Random(seed);
        double[] times = [.. Enumerable.Range(0, 300).Select(_ => Math.Floor(60 * Math.Pow(random.NextDouble(), 1.5)) / 2 - 3)];
        foreach (var equalTime in new[] { false, true })
        {
            foreach (var gap in new[] { 0, .5, .75 })
            {
                var folds = _mlContext.Data.TimeOrderedCrossValidationSplit(
                    View(times), "Time", 4, gap, equalTimeSpans: equalTime);
                foreach (var (train, test) in folds)
                {
                    var (last, first) = (Times(train).Max(), Times(test).Min());
                    Assert.True(last + gap < first);
                    // And all that may train does.
                    Assert.Equal(times.Count(t => t < first && t + gap < first), Times(train).Length);
                }

                double[] tested = [.. folds.SelectMany(fold => Times(fold.TestSet))];
                Assert.Equal(times.Where(t => t >= tested.Min()).Order(), tested.Order());
            }
        }
    }

    [Fact]
    public void The_border_is_put_at_the_nearest_change_of_time()
    {
        // Ten rows; a fraction of .3 would begin at row 7, among the rows of time 3: 6 is as near as 8, and older.
        var (train, test) = _mlContext.Data.TimeOrderedTrainTestSplit(View([1, 1, 1, 2, 2, 2, 3, 3, 4, 4]), "Time", .3);
        Assert.Equal([1.0, 1, 1, 2, 2, 2], Times(train));
        Assert.Equal([3.0, 3, 4, 4], Times(test));
        // Two rows of three have the newest time: the only border there is.
        var two = _mlContext.Data.TimeOrderedTrainTestSplit(View([5, 4, 5]), "Time", .01);
        Assert.Equal([4.0], Times(two.TrainSet));
        Assert.Equal([5.0, 5], Times(two.TestSet));
        // Parts would begin at rows 3, 6 and 9, but the first seven rows have one time: each part still gets a time of its own.
        var folds = Split([1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 4, 4], 3);
        Assert.Equal([[2.0], [3.0], [4.0, 4, 4]], folds.Select(fold => Times(fold.TestSet)));
    }

    [Fact]
    public void Folds_of_equal_time_have_borders_at_equal_distances()
    {
        // From 0 to 12 in four parts: borders at 3, 6 and 9.
        double[] times = [0, 12, 2.9, 3, 5.9, 6, 8.99, 9, 9, 11];
        var folds = _mlContext.Data.TimeOrderedCrossValidationSplit(View(times), "Time", 3, equalTimeSpans: true);
        Assert.Equal([[3, 5.9], [6, 8.99], [12, 9, 9, 11]], folds.Select(fold => Times(fold.TestSet)));
        Assert.Equal([[0, 2.9], [0, 2.9, 3, 5.9], [0, 2.9, 3, 5.9, 6, 8.99]], folds.Select(fold => Times(fold.TrainSet)));
        Assert.Equal(
            "Part 2 of the 4 parts of the time in column 'Time' has no row: there is none from 6 to 9. Use fewer folds, or parts with "
            + "equally many rows (equalTimeSpans: false).",
            Error(() => _mlContext.Data.TimeOrderedCrossValidationSplit(View([0, 4, 12, 10]), "Time", 3, equalTimeSpans: true)));
    }

    [Fact]
    public void A_sliding_window_trains_on_the_part_before_the_test_part()
    {
        var folds = _mlContext.Data.TimeOrderedCrossValidationSplit(
            View([.. Enumerable.Range(0, 14).Select(i => (double)i)]), "Time", 3, gap: 1, slidingWindow: true);
        // Parts 0 to 4, 5 to 7, 8 to 10, 11 to 13; the gap takes the newest row of each.
        Assert.Equal([[0, 1, 2, 3], [5, 6], [8, 9]], folds.Select(fold => Times(fold.TrainSet)));
        Assert.Equal([[5, 6, 7], [8, 9, 10], [11, 12, 13]], folds.Select(fold => Times(fold.TestSet)));
        Assert.Equal(
            "There is no row to train on in fold 1: of the rows from 5, all that are before 8, where its test part begins, are within the "
            + "gap of 3.",
            Error(() => _mlContext.Data.TimeOrderedCrossValidationSplit(
                View([.. Enumerable.Range(0, 14).Select(i => (double)i)]), "Time", 3, gap: 3, slidingWindow: true)));
    }

    /// <summary>Ten moments, 3 units apart, the newest three of them for testing; a gap of 6 units takes two more from training.</summary>
    [Theory]
    [InlineData("DateTime")]
    [InlineData("Offset")]
    [InlineData("Span")]
    [InlineData("SByte")]
    [InlineData("Byte")]
    [InlineData("Int16")]
    [InlineData("UInt16")]
    [InlineData("Int32")]
    [InlineData("UInt32")]
    [InlineData("Int64")]
    [InlineData("UInt64")]
    [InlineData("Single")]
    [InlineData("Double")]
    public void Every_type_of_time_is_taken_with_a_gap_in_its_unit(string column)
    {
        int[] order = [3, 9, 0, 4, 1, 8, 2, 6, 5, 7];
        var view = _mlContext.Data.LoadFromEnumerable(order.Select(i => new AllTypes(i)).ToArray());
        var isTime = column is "DateTime" or "Offset" or "Span";
        var (train, test) = _mlContext.Data.TimeOrderedTrainTestSplit(
            view, column, .3, isTime ? TimeSpan.FromHours(6) : 6);
        Assert.Equal([3, 0, 4, 1, 2], train.GetColumn<int>("Number"));
        Assert.Equal([9, 8, 7], test.GetColumn<int>("Number"));
        Assert.Equal([3, 0, 4, 1, 2, 5], _mlContext.Data.TimeOrderedTrainTestSplit(
            view, column, .3, isTime ? TimeSpan.FromHours(5.9) : 5.9).TrainSet.GetColumn<int>("Number"));
        var type = view.Schema[column].Type;
        Assert.Equal(
            isTime ? $"gap = 6, but it should be a TimeSpan, as time column '{column}' is of type {type}. (Parameter 'gap')"
                : $"gap = 06:00:00, but it should be a number, as time column '{column}' is of type {type}. (Parameter 'gap')",
            Assert.Throws<ArgumentException>(() => _mlContext.Data.TimeOrderedTrainTestSplit(
                view, column, .3, isTime ? 6 : TimeSpan.FromHours(6))).Message);
        // Ten moments in five equal parts of the time: two each.
        Assert.All(_mlContext.Data.TimeOrderedCrossValidationSplit(view, column, 4, equalTimeSpans: true),
            fold => Assert.Equal(2, fold.TestSet.GetRowCount()));
    }

    [Fact]
    public void Extreme_numbers_are_kept_apart()
    {
        double[] doubles = [double.MinValue, -1, -double.Epsilon, 0, double.Epsilon, 1, double.MaxValue];
        var ofDoubles = Split([.. doubles.Reverse()], 6);
        Assert.Equal(doubles[1..].Select(t => new[] { t }), ofDoubles.Select(fold => Times(fold.TestSet)));
        // Differences from end to end are beyond the range of the types.
        Assert.Equal([doubles[1..^1], [double.MaxValue]], _mlContext.Data.TimeOrderedCrossValidationSplit(
            View(doubles), "Time", 2, equalTimeSpans: true).Select(fold => Times(fold.TestSet)));
        var longs = _mlContext.Data.LoadFromEnumerable(new[] { long.MaxValue, long.MinValue, -1L, long.MaxValue - 1 }
            .Select(t => new { Time = t }).ToArray());
        Assert.Equal([long.MaxValue], _mlContext.Data.TimeOrderedTrainTestSplit(longs, "Time", .25).TestSet.GetColumn<long>("Time"));
        Assert.Equal([long.MinValue], _mlContext.Data.TimeOrderedTrainTestSplit(longs, "Time", .5, gap: 9.3e18).TrainSet
            .GetColumn<long>("Time"));
        Assert.StartsWith("There is no row to train on in the split", Error(() =>
            _mlContext.Data.TimeOrderedTrainTestSplit(longs, "Time", .25, gap: 1e300)), StringComparison.Ordinal);
        var unsigned = _mlContext.Data.LoadFromEnumerable(new[] { ulong.MaxValue, 0UL, ulong.MaxValue - 1 }
            .Select(t => new { Time = t }).ToArray());
        Assert.Equal([0, ulong.MaxValue - 1], _mlContext.Data.TimeOrderedTrainTestSplit(unsigned, "Time", .33).TrainSet
            .GetColumn<ulong>("Time"));
        // 0 and -0 are one time.
        Assert.Equal([0.0, -0.0], Times(_mlContext.Data.TimeOrderedTrainTestSplit(View([0, -0.0, -1]), "Time", .1).TestSet));
    }

    [Fact]
    public void Bad_input_gets_one_clear_error()
    {
        string Split(IDataView view, string time = "Time", string? label = null)
            => Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, time, labelColumnName: label));
        var view = View([1, 2, 3]);
        Assert.StartsWith("The time column 'When' is missing. The input has: Time,", Split(view, "When"), StringComparison.Ordinal);
        Assert.StartsWith("The time column 'Name' is of type String, but it should be DateTime, DateTimeOffset, TimeSpan or a number.",
            Split(view, "Name"), StringComparison.Ordinal);
        Assert.StartsWith("The label column 'No' is missing.", Split(view, label: "No"), StringComparison.Ordinal);
        Assert.Equal("The data to split has no rows.", Split(View([])));
        Assert.Equal("Time column 'Time' has 1 value, fewer than the 2 parts that should each have one.", Split(View([2, 2])));
        Assert.Equal("Time column 'Time' has 3 different values, fewer than the 4 parts that should each have one.",
            Error(() => this.Split([1, 2, 2, 3, 3, 3], 3)));
        Assert.Equal("Time column 'Time' is NaN in row 2: leave such rows out, for example with FilterByCustomPredicate.",
            Split(View([1, 2, double.NaN, 3])));
        Assert.Equal("Time column 'Time' is Infinity in row 1: leave such rows out, for example with FilterByCustomPredicate.",
            Split(View([1, double.PositiveInfinity, 3])).Replace("∞", "Infinity", StringComparison.Ordinal));
        Assert.StartsWith("gap = -1, but it should be in [0; +∞).",
            Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "Time", gap: -1)), StringComparison.Ordinal);
        Assert.StartsWith("gap = -00:00:01, but it should be in [0; +∞).",
            Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "Time", gap: TimeSpan.FromSeconds(-1))), StringComparison.Ordinal);
        Assert.StartsWith("testFraction = 0, but it should be in (0; 1).",
            Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "Time", 0)), StringComparison.Ordinal);
        Assert.StartsWith("numberOfFolds = 32768, but it should be from 2 to 32767.",
            Error(() => this.Split([1, 2, 3], 32768)), StringComparison.Ordinal);
        Assert.Equal("There is no row to train on in the split: of the rows from 1, all that are before 3, where its test part begins, are "
            + "within the gap of 2.", Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "Time", gap: 2)));
    }

    /// <summary>ML.NET reads an empty text of a file as the first moment of the year 1.</summary>
    [Theory]
    [InlineData(DataKind.DateTime)]
    [InlineData(DataKind.DateTimeOffset)]
    public void A_date_that_a_file_lacks_is_an_error_with_its_row(DataKind kind)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(file, ["2024-03-01,1", "2024-02-01,0", ",1", "2024-01-01,0"]);
            var view = _mlContext.Data.LoadFromTextFile(
                file, [new TextLoader.Column("When", kind, 0), new TextLoader.Column("Label", DataKind.Boolean, 1)], separatorChar: ',');
            Assert.Equal("Time column 'When' is missing in row 2: leave such rows out, for example with FilterByCustomPredicate.",
                Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "When")));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Parts_of_one_class_are_an_error_only_where_a_label_is_named()
    {
        Item[] Of(string labels) => [.. labels.Select((label, i) => new Item { Time = i, Name = $"{label}", Flag = label == 'b' })];
        IReadOnlyList<TimeOrderedSplit> Split(string labels, string? label)
            => _mlContext.Data.TimeOrderedCrossValidationSplit(_mlContext.Data.LoadFromEnumerable(Of(labels)), "Time", 2,
                labelColumnName: label);
        const string Advice = " Use fewer folds or larger parts, or leave labelColumnName out if one is enough.";
        foreach (var label in new[] { "Name", "Flag" })
        {
            Assert.Equal(2, Split("abababab", label).Count);
            Assert.Equal($"The training part of fold 0, from 0 to 1, has one value only of label column '{label}', but it should have two "
                + "or more." + Advice, Error(() => Split("aaabab", label)));
            Assert.Equal($"The test part of fold 1, from 4 to 5, has one value only of label column '{label}', but it should have two or "
                + "more." + Advice, Error(() => Split("ababbb", label)));
        }

        Assert.Equal(2, Split("aaaaaa", null).Count);
        Assert.StartsWith("Label column 'Name' is missing in row 3, an empty text",
            Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(
                _mlContext.Data.LoadFromEnumerable([.. Of("aba"), new Item { Time = 5 }]), "Time", labelColumnName: "Name")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_was_oversampled_is_refused()
    {
        var view = _mlContext.Data.Oversample(View(Shuffled(50)), "Flag");
        Assert.StartsWith("Data with copies of rows, as Oversample makes it, cannot be split:",
            Error(() => _mlContext.Data.TimeOrderedTrainTestSplit(view, "Time")), StringComparison.Ordinal);
        Assert.StartsWith("Data with copies of rows, as Oversample makes it, cannot be split:",
            Error(() => _mlContext.Data.TimeOrderedCrossValidationSplit(view, "Time")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_in_another_order_than_when_they_were_split_are_an_error(bool withIds)
    {
        var rows = Rows.Gaussian(200);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = i * 37 % 200;
        var view = Rows.Shifting(_mlContext, rows);
        var split = _mlContext.Data.TimeOrderedTrainTestSplit(withIds ? view : new ShakyView(view, hasIds: false), "Weight");
        foreach (var part in new[] { split.TrainSet, split.TestSet })
        {
            var error = Assert.Throws<InvalidOperationException>(() => part.GetColumn<bool>("Label").Count());
            Assert.StartsWith("The data has other rows than when it was split.", error.Message, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// Each month has a rate of positives of its own. Random folds train on other rows of the same month and so know the rate; for a month
    /// that is still to come nobody does: all its rows have the same score.
    /// </summary>
    [Fact]
    public void Random_folds_look_into_the_future_and_time_folds_do_not()
    {
        const int Months = 36;
        var random = new Random(5);
        Row[] rows = [.. Enumerable.Range(0, 3600).Select(i =>
        {
            var month = i % Months;
            var isPositive = random.NextDouble() < (month * 7 % 5 < 2 ? .5 : .02);
            var row = new Row { Weight = month, Features = new float[Months], Label = isPositive };
            row.Features[month] = 1;
            return row;
        })];
        var view = Rows.View(_mlContext, rows);
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        var shuffled = _mlContext.BinaryClassification.CrossValidateImbalanced(view, trainer);
        var ordered = _mlContext.BinaryClassification.CrossValidateImbalanced(
            _mlContext.Data.TimeOrderedCrossValidationSplit(view, "Weight", labelColumnName: "Label"), trainer);
        Assert.True(shuffled.Mean(BinaryMetric.AreaUnderRocCurve) > .75);
        Assert.Equal(5, ordered.Folds.Count);
        Assert.All(ordered.Folds, fold => Assert.Equal(.5, fold.Metrics[BinaryMetric.AreaUnderRocCurve], 1e-9));
    }

    [Fact]
    public void Given_folds_are_trained_and_evaluated_as_by_hand()
    {
        var rows = Rows.Gaussian(600, positiveRate: .3);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i * 37 % 600;
        var view = Rows.View(_mlContext, rows);
        var (binary, trainer) = (_mlContext.BinaryClassification, _mlContext.BinaryClassification.Trainers.FocalSgd());
        var splits = _mlContext.Data.TimeOrderedCrossValidationSplit(view, "Weight", 3);
        var found = binary.CrossValidateImbalanced(splits, trainer, exampleWeightColumnName: "Weight");
        foreach (var (fold, split) in found.Folds.Zip(splits))
        {
            Assert.Equal(150, fold.ScoredTestSet.GetRowCount());
            Assert.Equal(binary.EvaluateImbalanced(
                trainer.Fit(split.TrainSet).Transform(split.TestSet), exampleWeightColumnName: "Weight").LogLoss, fold.Metrics.LogLoss);
        }

        Assert.StartsWith("folds has 1 element, but it should have at least 2.",
            Error(() => binary.CrossValidateImbalanced([splits[0]], trainer)), StringComparison.Ordinal);
        var several = MulticlassRows.Gaussian(800);
        for (var i = 0; i < several.Length; i++)
            several[i].Weight = i;
        var classes = _mlContext.Data.TimeOrderedCrossValidationSplit(MulticlassRows.View(_mlContext, several), "Weight", 3);
        var multiclass = _mlContext.MulticlassClassification;
        Assert.Equal([200, 200, 200], multiclass.CrossValidateImbalanced(classes, multiclass.Trainers.FocalSgd())
            .Folds.Select(fold => fold.Metrics.RowCount));
    }

    private static string Error(Action action) => Assert.ThrowsAny<Exception>(action).Message;

    private static double[] Times(IDataView view) => [.. view.GetColumn<double>("Time")];

    private static double[] Shuffled(int count)
    {
        double[] times = [.. Enumerable.Range(0, count)];
        new Random(count).Shuffle(times);
        return times;
    }

    private IReadOnlyList<TimeOrderedSplit> Split(double[] times, int folds, TimeGap gap = default)
        => _mlContext.Data.TimeOrderedCrossValidationSplit(View(times), "Time", folds, gap);

    private IDataView View(double[] times) => _mlContext.Data.LoadFromEnumerable(
        times.Select((time, i) => new Item { Time = time, Flag = i % 4 == 0, Name = $"{i % 3}" }).ToArray());

    private sealed class Item
    {
        public double Time { get; set; }

        public bool Flag { get; set; }

        public string Name { get; set; } = "";
    }

    /// <summary>A moment, three units after the one before, in each type; signed ones begin below 0.</summary>
    private sealed class AllTypes(int number)
    {
        public int Number { get; set; } = number;

        public DateTime DateTime { get; set; } = new DateTime(2024, 2, 28).AddHours(3 * number);

        /// <summary>Each in another zone: the clocks on the wall are not in the order of the moments.</summary>
        public DateTimeOffset Offset { get; set; } =
            new DateTimeOffset(2024, 2, 28, 0, 0, 0, TimeSpan.Zero).AddHours(3 * number).ToOffset(TimeSpan.FromHours(number * 5 % 11));

        public TimeSpan Span { get; set; } = TimeSpan.FromHours(3 * number - 12);

        public sbyte SByte { get; set; } = (sbyte)(3 * number - 12);

        public byte Byte { get; set; } = (byte)(3 * number + 200);

        public short Int16 { get; set; } = (short)(3 * number - 12);

        public ushort UInt16 { get; set; } = (ushort)(3 * number + 60000);

        public int Int32 { get; set; } = 3 * number - 12;

        public uint UInt32 { get; set; } = (uint)(3 * number) + 4000000000;

        public long Int64 { get; set; } = 3 * number - 12;

        /// <summary>Beyond what a Double tells apart.</summary>
        public ulong UInt64 { get; set; } = (ulong)(3 * number) + ulong.MaxValue - 27;

        public float Single { get; set; } = 3 * number - 12;

        public double Double { get; set; } = 3 * number - 12;
    }
}
