
using FocalMlNet.Tests.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Splits;

public sealed class StratifiedSplitTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Each_fold_has_its_share_of_every_class_to_one_row(int seed)
    {
        var items = Items(1003);
        foreach (var label in new[] { "Flag", "Name", "Key" })
        {
            var folds = _mlContext.Data.StratifiedCrossValidationSplit(View(items), label, numberOfFolds: 7, seed: seed);
            Assert.Equal(7, folds.Count);
            foreach (var ofClass in items.GroupBy(item => Value(item, label)))
            {
                foreach (var fold in folds)
                    Assert.InRange(Numbers(fold.TestSet).Count(n => Equals(Value(items[n], label), ofClass.Key)), ofClass.Count() / 7,
                        ofClass.Count() / 7 + 1);
            }

            // 1003 = 7 · 143 + 2: the sizes come out too.
            Assert.All(folds, fold => Assert.InRange(Numbers(fold.TestSet).Length, 143, 144));
            Assert.Equal(Enumerable.Range(0, 1003), folds.SelectMany(fold => Numbers(fold.TestSet)).Order());
            Assert.All(folds, fold => Assert.Equal(
                Enumerable.Range(0, 1003), Numbers(fold.TestSet).Concat(Numbers(fold.TrainSet)).Order()));
        }
    }

    [Theory]
    [InlineData(.1)]
    [InlineData(.25)]
    [InlineData(.999)]
    public void The_test_part_has_its_share_of_every_class_and_both_have_one_row_at_least(double fraction)
    {
        var items = Items(500);
        var split = _mlContext.Data.StratifiedTrainTestSplit(View(items), "Name", fraction);
        foreach (var ofClass in items.GroupBy(item => item.Name))
        {
            var count = Numbers(split.TestSet).Count(n => items[n].Name == ofClass.Key);
            Assert.InRange(count, ofClass.Count() * fraction - 1, ofClass.Count() * fraction + 1);
            Assert.InRange(count, 1, ofClass.Count() - 1);
        }
    }

    [Fact]
    public void The_seed_decides()
    {
        var view = View(Items(300));
        int[] Test(int seed) => Numbers(_mlContext.Data.StratifiedTrainTestSplit(view, "Flag", seed: seed).TestSet);
        Assert.Equal(Test(3), Test(3));
        Assert.NotEqual(Test(3), Test(4));
    }

    [Fact]
    public void Rows_come_in_the_order_of_the_data()
    {
        var split = _mlContext.Data.StratifiedTrainTestSplit(View(Items(300)), "Flag", testFraction: .4);
        Assert.Equal(Numbers(split.TrainSet).Order(), Numbers(split.TrainSet));
        Assert.Equal(Numbers(split.TestSet).Order(), Numbers(split.TestSet));
    }

    [Fact]
    public void Groups_stay_together_and_the_shares_are_near()
    {
        var items = Items(3000);
        var folds = _mlContext.Data.StratifiedCrossValidationSplit(View(items), "Flag", numberOfFolds: 5, samplingKeyColumnName: "Group");
        var groups = folds.Select(fold => Numbers(fold.TestSet).Select(n => items[n].Group).Distinct().ToArray()).ToArray();
        Assert.Equal(items.Select(item => item.Group).Distinct().Order(), groups.SelectMany(g => g).Order());
        var positives = items.Count(item => item.Flag);
        Assert.All(folds, fold =>
        {
            Assert.InRange(Numbers(fold.TestSet).Count(n => items[n].Flag) / (double)positives, .17, .23);
            Assert.InRange(Numbers(fold.TestSet).Length / 3000.0, .19, .21);
        });
        // Text keys too.
        Assert.Equal(5, _mlContext.Data.StratifiedCrossValidationSplit(View(items), "Flag", 5, "GroupName").Count);
    }

    [Theory]
    [InlineData("Bool")]
    [InlineData("SByte")]
    [InlineData("Double")]
    [InlineData("Text")]
    [InlineData("DateTime")]
    [InlineData("DateTimeOffset")]
    [InlineData("TimeSpan")]
    [InlineData("RowId")]
    public void Whatever_scalar_the_stock_split_takes_as_sampling_key_keeps_rows_together(string key)
    {
        var view = _mlContext.Data.LoadFromEnumerable(Enumerable.Range(0, 120).Select(i => new AllTypes(i, i / 4 % 10)).ToArray());
        // The number of the group says what belongs together; the Boolean is one of two groups.
        int Id(int number) => key == "Bool" ? number / 4 % 10 / 5 : number / 4 % 10;
        int[] Ids(IDataView part) => [.. Numbers(part).Select(Id).Distinct()];
        var stock = _mlContext.Data.TrainTestSplit(view, .4, key, seed: 1);
        Assert.Empty(Ids(stock.TrainSet).Intersect(Ids(stock.TestSet)));

        var split = _mlContext.Data.StratifiedTrainTestSplit(view, "Flag", .4, key);

        Assert.Empty(Ids(split.TrainSet).Intersect(Ids(split.TestSet)));
        Assert.Equal(120, Numbers(split.TrainSet).Length + Numbers(split.TestSet).Length);
    }

    [Fact]
    public void Nothing_but_label_and_key_is_read_before_a_cursor_is_opened()
    {
        var reads = new HashSet<string>();
        var view = new Watched(View(Items(100)), columns => reads.UnionWith(columns));
        var split = _mlContext.Data.StratifiedTrainTestSplit(view, "Flag", testFraction: .3, samplingKeyColumnName: "Group");
        Assert.Equal(["Flag", "Group"], reads.Order());
        reads.Clear();
        Assert.Equal(100, split.TrainSet.GetRowCount() + split.TestSet.GetRowCount());
        Assert.Empty(reads);
        _ = split.TestSet.GetColumn<int>("Number").Count();
        // The label tells whether the rows are those that were split.
        Assert.Equal(["Flag", "Number"], reads.Order());
    }

    [Fact]
    public void Cursors_can_be_open_at_once_and_give_the_same_rows()
    {
        var test = _mlContext.Data.StratifiedTrainTestSplit(View(Items(200)), "Flag", testFraction: .5).TestSet;
        var expected = Numbers(test);
        using var one = test.GetRowCursor([test.Schema["Number"]]);
        using var two = test.GetRowCursor([test.Schema["Number"]]);
        var (first, second) = (one.GetGetter<int>(test.Schema["Number"]), two.GetGetter<int>(test.Schema["Number"]));
        int a = 0, b = 0;
        Assert.Equal((-1, -1), (one.Position, two.Position));
        foreach (var number in expected)
        {
            Assert.True(one.MoveNext() && two.MoveNext());
            first(ref a);
            second(ref b);
            Assert.Equal((number, number), (a, b));
        }

        Assert.False(one.MoveNext());
        Assert.False(one.MoveNext());
        Parallel.For(0, 8, _ => Assert.Equal(expected, Numbers(test)));
    }

    [Fact]
    public void A_cached_view_gives_the_same_rows_in_parallel_and_in_random_order()
    {
        var test = _mlContext.Data.StratifiedTrainTestSplit(_mlContext.Data.Cache(View(Items(2000))), "Flag", testFraction: .5).TestSet;
        var number = test.Schema["Number"];
        var expected = Numbers(test);
        int[] Read(DataViewRowCursor cursor)
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<int>(number);
                var read = new List<int>();
                for (var value = 0; cursor.MoveNext(); read.Add(value))
                    getter(ref value);
                return [.. read];
            }
        }

        Assert.Equal(expected, test.GetRowCursorSet([number], 4).SelectMany(Read).Order());
        Assert.True(test.CanShuffle);
        var shuffled = Read(test.GetRowCursor([number], new Random(5)));
        Assert.NotEqual(expected, shuffled);
        Assert.Equal(expected, shuffled.Order());
    }

    [Fact]
    public void A_part_can_be_split_again()
    {
        var items = Items(1000);
        var outer = _mlContext.Data.StratifiedTrainTestSplit(View(items), "Flag", testFraction: .2);
        var inner = _mlContext.Data.StratifiedTrainTestSplit(outer.TrainSet, "Flag", testFraction: .25);
        Assert.Equal(Enumerable.Range(0, 1000), new[] { outer.TestSet, inner.TrainSet, inner.TestSet }.SelectMany(Numbers).Order());
        Assert.Equal(200, Numbers(inner.TestSet).Length, 1.0);
    }

    [Fact]
    public void The_schema_is_that_of_the_data_with_its_annotations()
    {
        var keyed = View(Items(50));
        var split = _mlContext.Data.StratifiedTrainTestSplit(keyed, "Key", testFraction: .5);
        Assert.Same(keyed.Schema, split.TrainSet.Schema);
        VBuffer<ReadOnlyMemory<char>> values = default;
        split.TestSet.Schema["Key"].Annotations.GetValue("KeyValues", ref values);
        Assert.Equal(["a", "b", "c"], values.DenseValues().Select(v => v.ToString()).Order());
    }

    [Fact]
    public void Bad_input_gets_one_clear_error()
    {
        var view = View(Items(100));
        string Error(Action action) => Assert.ThrowsAny<Exception>(action).Message;
        string Train(IDataView data, string label = "Flag") => Error(() => _mlContext.Data.StratifiedTrainTestSplit(data, label));
        Assert.StartsWith("The label column 'Nothing' is missing. The input has: Number,", Train(view, "Nothing"),
            StringComparison.Ordinal);
        Assert.StartsWith("The label column 'Number' is of type Int32, but it should be Boolean, a Key or text.",
            Train(view, "Number"), StringComparison.Ordinal);
        Assert.StartsWith("The sampling key column 'Nothing' is missing.",
            Error(() => _mlContext.Data.StratifiedTrainTestSplit(view, "Flag", .1, "Nothing")), StringComparison.Ordinal);
        Assert.Equal("The data to split has no rows.", Train(View([])));
        Assert.Equal("Label column 'Flag' has one value only, 'False', but a stratified split needs two classes or more.",
            Train(View([.. Items(100).Where(i => !i.Flag)])));
        var few = Items(100).Where(i => !i.Flag || i.Number < 30).ToArray();
        var count = few.Count(i => i.Flag);
        Assert.Equal(
            $"The rarest value of label column 'Flag' is 'True': its number of rows is {count}, fewer than the {count + 1} parts that "
                + "should each have one.",
            Error(() => _mlContext.Data.StratifiedCrossValidationSplit(View(few), "Flag", count + 1)));
        Assert.Equal(count, _mlContext.Data.StratifiedCrossValidationSplit(View(few), "Flag", count).Count);
        Assert.StartsWith("numberOfFolds = 1, but it should be from 2 to 65536.",
            Error(() => _mlContext.Data.StratifiedCrossValidationSplit(view, "Flag", 1)), StringComparison.Ordinal);
        Assert.StartsWith("testFraction = 1, but it should be in (0; 1).",
            Error(() => _mlContext.Data.StratifiedTrainTestSplit(view, "Flag", 1)), StringComparison.Ordinal);
        var oneGroup = Items(100);
        foreach (var item in oneGroup)
            item.Group = item.Flag ? 1 : item.Group;
        Assert.Equal(
            "Value 'True' of label column 'Flag' is in 1 group of sampling key 'Group', fewer than the 2 parts that should each have it.",
            Error(() => _mlContext.Data.StratifiedTrainTestSplit(View(oneGroup), "Flag", .5, "Group")));
        // a and b, a and c, b and c: one part of two has one group only.
        Item[] threeGroups = [.. "abacbc".Select((name, i) => new Item { Name = $"{name}", Group = i / 2 })];
        Assert.Equal(
            "No way was found to deal the 3 groups of sampling key 'Group' out to 2 parts such that each part has the values 'a', 'b', 'c' "
            + "of label column 'Name', though each of them is in 2 groups or more: all ways were tried, and there is none. "
            + "Use fewer parts, or smaller groups.",
            Error(() => _mlContext.Data.StratifiedTrainTestSplit(View(threeGroups), "Name", .5, "Group")));
    }

    [Fact]
    public void An_error_tells_what_a_key_was_made_of()
    {
        IDataView Keys(params Item[] items) => _mlContext.Transforms.Conversion.MapValueToKey("Class", "Name")
            .Fit(View([.. Items(50)])).Transform(View(items));
        void Refused(string message, IDataView data, string? group = null)
        {
            var error = Assert.Throws<InvalidOperationException>(
                () => _mlContext.Data.StratifiedTrainTestSplit(data, "Class", .5, group));
            Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        }

        Item[] items = [.. "ccbbb".Select((name, i) => new Item { Name = $"{name}", Group = i })];

        Refused("The rarest value of label column 'Class' is 'c': its number of rows is 1", Keys(items[1..]));
        Refused("Label column 'Class' has one value only, 'b'", Keys(items[2..]));
        items[1].Group = items[0].Group;
        Refused("Value 'c' of label column 'Class' is in 1 group", Keys(items), "Group");
    }

    [Fact]
    public void A_missing_label_is_an_error()
    {
        var data = _mlContext.Transforms.Conversion.MapValueToKey("Class", "Name").Fit(View([.. Items(50).Where(i => i.Name != "c")]))
            .Transform(View(Items(50)));
        var row = Array.FindIndex(Items(50), i => i.Name == "c");
        Assert.StartsWith($"Label column 'Class' is missing in row {row}:",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Data.StratifiedTrainTestSplit(data, "Class")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_that_changed_since_is_an_error()
    {
        var items = Items(100).ToList();
        var split = _mlContext.Data.StratifiedTrainTestSplit(_mlContext.Data.LoadFromEnumerable(items), "Flag");
        items.AddRange(Items(5));
        Assert.StartsWith("The data has other rows than when it was split.",
            Assert.Throws<InvalidOperationException>(() => Numbers(split.TrainSet)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Label")]
    [InlineData("Name")]
    [InlineData("Key")]
    public void Rows_in_another_order_than_when_they_were_split_are_an_error(string label)
    {
        var rows = Rows.Gaussian(200);
        var conversion = _mlContext.Transforms.Conversion;
        var names = new Dictionary<bool, string> { [true] = "yes", [false] = "no" };
        var keys = _mlContext.Data.LoadFromEnumerable(new[] { new { Name = "yes" }, new { Name = "no" } });
        IDataView Names(IDataView view) => conversion.MapValue("Name", names, "Label")
            .Append(conversion.MapValueToKey("Key", "Name", keyData: keys)).Fit(view).Transform(view);
        foreach (var withIds in new[] { true, false })
        {
            var view = Names(Rows.Shifting(_mlContext, rows));
            var split = _mlContext.Data.StratifiedTrainTestSplit(withIds ? view : new ShakyView(view, hasIds: false), label);
            foreach (var part in new[] { split.TrainSet, split.TestSet })
            {
                var error = Assert.Throws<InvalidOperationException>(() => part.GetColumn<float>("Weight").Count());
                Assert.StartsWith("The data has other rows than when it was split.", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Fewer_rows_than_were_split_are_an_error()
    {
        var reads = 0;
        var view = Rows.View(_mlContext, new Changing(() => Rows.Gaussian(200).Take(reads++ == 0 ? 200 : 199)));
        var split = _mlContext.Data.StratifiedTrainTestSplit(view);
        var error = Assert.Throws<InvalidOperationException>(() => split.TestSet.GetColumn<float>("Weight").Count());
        Assert.StartsWith("The data has other rows than when it was split.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cursor_that_cannot_be_made_leaves_none_of_the_source_open()
    {
        var view = new ShakyView(View(Items(100)));
        var split = _mlContext.Data.StratifiedTrainTestSplit(view, "Flag");
        Assert.Equal(0, view.OpenCursors);
        view.Fault = Fault.Getter;
        Assert.Throws<IOException>(() => split.TrainSet.GetRowCursor(view.Schema));
        Assert.Throws<IOException>(() => split.TrainSet.GetRowCursorSet(view.Schema, 2));
        Assert.Equal(0, view.OpenCursors);
    }

    [Fact]
    public void Trainers_take_the_parts()
    {
        var split = _mlContext.Data.StratifiedTrainTestSplit(Rows.View(_mlContext, Rows.Gaussian(1000)), testFraction: .3);
        var trainers = _mlContext.BinaryClassification.Trainers;
        foreach (var model in new ITransformer[] { trainers.FocalSgd().Fit(split.TrainSet),
            trainers.LbfgsLogisticRegression().Fit(split.TrainSet), trainers.SgdCalibrated().Fit(split.TrainSet) })
            Assert.True(_mlContext.BinaryClassification.Evaluate(model.Transform(split.TestSet)).AreaUnderRocCurve > .8);
    }

    private static object Value(Item item, string label) => label == "Flag" ? item.Flag : item.Name;

    private static int[] Numbers(IDataView view) => [.. view.GetColumn<int>("Number")];

    /// <summary>With a key column made of the names.</summary>
    private IDataView View(Item[] items)
    {
        var view = _mlContext.Data.LoadFromEnumerable(items);
        return items.Length == 0 ? view : _mlContext.Transforms.Conversion.MapValueToKey("Key", "Name").Fit(view).Transform(view);
    }

    private static Item[] Items(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(i => new Item
        {
            Number = i,
            Flag = random.NextDouble() < .15,
            Name = i < 30 ? "abc"[i % 3].ToString() : random.NextDouble() < .9 ? "a" : "b",
            Group = random.Next(count / 5),
        })];
    }

    private sealed class Item
    {
        public int Number { get; set; }

        public bool Flag { get; set; }

        public string Name { get; set; } = "";

        public int Group { get; set; }

        public string GroupName => $"g{Group}";
    }

    /// <summary>A group in each type that a scalar column can have.</summary>
    private sealed class AllTypes(int number, int group)
    {
        public int Number { get; set; } = number;

        public bool Flag { get; set; } = number % 4 == 0;

        public bool Bool { get; set; } = group > 4;

        public sbyte SByte { get; set; } = (sbyte)group;

        public double Double { get; set; } = group;

        public string Text { get; set; } = $"{group}";

        public DateTime DateTime { get; set; } = new DateTime(2020, 1, 1).AddDays(group);

        public DateTimeOffset DateTimeOffset { get; set; } = new(2020, 1, 1 + group, 0, 0, 0, TimeSpan.FromHours(1));

        public TimeSpan TimeSpan { get; set; } = TimeSpan.FromMinutes(group);

        public DataViewRowId RowId { get; set; } = new((ulong)group, 1);
    }

    /// <summary>Tells which columns cursors are opened for.</summary>
    private sealed class Watched(IDataView view, Action<IEnumerable<string>> opened) : IDataView
    {
        public DataViewSchema Schema => view.Schema;

        public bool CanShuffle => false;

        public long? GetRowCount() => view.GetRowCount();

        public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        {
            opened(columnsNeeded.Select(column => column.Name));
            return view.GetRowCursor(columnsNeeded);
        }

        public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
            => [GetRowCursor(columnsNeeded)];
    }
}
