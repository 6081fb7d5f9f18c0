using FocalMlNet.Columns;
using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Columns;

/// <summary>A label that cannot be used means the same to all who read labels, and they say so in the same words.</summary>
public sealed class LabelReaderTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(4294967295)]
    [InlineData(1L << 31)]
    [InlineData(1 << 24)]
    [InlineData((1 << 14) + 1)]
    public void A_key_of_too_many_values_is_refused_at_once_by_whoever_has_a_number_for_each(long count)
    {
        var view = Keys((ulong)count, 1, 2, 1, 2);
        foreach (var fit in new Action[]
        {
            () => _mlContext.MulticlassClassification.Trainers.FocalSgd().Fit(view),
            () => FitReweighted(view),
        })
        {
            Assert.Equal($"Label column 'Label' has {count} key values, but it should have at most 16384.",
                Assert.Throws<InvalidOperationException>(fit).Message);
        }

        if (count > 1 << 20)
        {
            Assert.Equal($"Label column 'Label' has {count} key values, but it should have at most 1048576.",
                Assert.Throws<InvalidOperationException>(() => _mlContext.Transforms.BalanceClasses("W").Fit(view)).Message);
        }
    }

    [Theory]
    [InlineData(31)]
    [InlineData(24)]
    [InlineData(15)]
    public void A_hash_is_no_label_to_train_on(int bits)
    {
        var rows = View([.. Enumerable.Range(0, 20).Select(i => new TextItem { Text = $"{i % 2}", Features = [i % 2] })]);
        var pipeline = _mlContext.Transforms.Conversion.Hash("Label", "Text", numberOfBits: bits)
            .Append(_mlContext.MulticlassClassification.Trainers.FocalSgd());
        Assert.Equal($"Label column 'Label' has {1L << bits} key values, but it should have at most 16384.",
            Assert.Throws<InvalidOperationException>(() => pipeline.Fit(rows)).Message);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("class ", "")]
    [InlineData("", " of the month")]
    public void Texts_that_differ_in_one_character_have_different_bytes_in_every_process(string before, string after)
    {
        TextItem[] rows = [.. Enumerable.Range(' ', '~' - ' ').Select(c => new TextItem { Text = $"{before}{(char)c}{after}" })];
        var view = _mlContext.Data.LoadFromEnumerable(rows);
        var text = view.Schema["Text"];
        using var cursor = view.GetRowCursor([text]);
        var next = LabelReader.Bytes(cursor, text);
        HashSet<byte> bytes = [];
        while (cursor.MoveNext())
            bytes.Add(next());

        Assert.Equal(rows.Length, bytes.Count);
    }

    [Fact]
    public void Who_needs_no_number_for_each_value_takes_any_key()
    {
        var view = Keys(4294967295, 4294967295, 7, 4294967295, 7);
        var split = _mlContext.Data.StratifiedTrainTestSplit(view, testFraction: .5);
        Assert.Equal([7u, 4294967295], split.TestSet.GetColumn<uint>("Label").Order());
        // Two scores are those of keys 1 and 2.
        var metrics = _mlContext.MulticlassClassification.EvaluateImbalanced(Keys(4294967295, 1, 4294967295, 2, 1));
        Assert.Equal(["0", "1", "4294967294"], metrics.Classes.Select(c => c.Name));
        Assert.Equal([2, 1, 1], metrics.Classes.Select(c => c.Weight));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(2147483648)]
    [InlineData(4294967295)]
    public void A_key_beyond_its_values_is_named_with_its_row_by_everyone(uint key)
    {
        var view = Keys(4, 1, 2, key, 2, 1);
        foreach (var read in new Action[]
        {
            () => _mlContext.MulticlassClassification.Trainers.FocalSgd().Fit(view),
            () => FitReweighted(view),
            () => _mlContext.Transforms.BalanceClasses("W").Fit(view),
            () => _mlContext.Data.StratifiedTrainTestSplit(view),
            () => _mlContext.Data.StratifiedTrainTestSplit(view, "Flag", samplingKeyColumnName: "Label"),
            () => _mlContext.MulticlassClassification.EvaluateImbalanced(view),
            // With names, which the key is an index of.
            () => _mlContext.MulticlassClassification.EvaluateImbalanced(Keys(4, ["a", "b", "c", "d"], 1, 2, key, 2, 1)),
        })
        {
            Assert.Equal($"Column 'Label' has key {key} in row 2, but its type allows 1 to 4, or 0 for a missing one.",
                Assert.Throws<InvalidOperationException>(read).Message);
        }
    }

    [Fact]
    public void A_key_of_UInt64_beyond_its_values_is_not_taken_for_a_missing_one()
    {
        var view = new TinyView(
            new TinyColumn<ulong>("Label", new KeyDataViewType(typeof(ulong), 2), null, 1, 2, 1ul << 32, 1, 2),
            new TinyColumn<bool>("Flag", BooleanDataViewType.Instance, null, true, false, true, false, true));
        var reader = new BinaryOfKeys();
        foreach (var read in new Action[]
        {
            () => _mlContext.Transforms.BalanceClasses("W").Fit(view),
            () => _mlContext.Data.StratifiedTrainTestSplit(view),
            () => reader.Read(view, new FocalReweightedOptions()),
        })
        {
            Assert.Equal("Column 'Label' has key 4294967296 in row 2, but its type allows 1 to 2, or 0 for a missing one.",
                Assert.Throws<InvalidOperationException>(read).Message);
        }
    }

    [Fact]
    public void An_empty_text_label_is_a_missing_one_named_with_its_row_before_anything_is_trained()
    {
        string[] texts = ["a", "b", "a", "", "b", "a", "b", "b"];
        var view = View([.. texts.Select((t, i) => new TextItem { Text = t, Features = [i] })]);
        var fits = 0;
        var pipeline = _mlContext.Transforms.Conversion.MapValueToKey("Text").Append(_mlContext.MulticlassClassification.Trainers.FocalSgd(
            new FocalSgdMulticlassTrainer.Options { LabelColumnName = "Text", Log = _ => fits++ }));
        foreach (var read in new Action[]
        {
            () => _mlContext.Data.StratifiedTrainTestSplit(view, "Text"),
            () => _mlContext.Data.StratifiedCrossValidationSplit(view, "Text", 2),
            () => _mlContext.MulticlassClassification.CrossValidateImbalanced(view, pipeline, 2, "Text"),
        })
        {
            Assert.Equal(
                "Label column 'Text' is missing in row 3, an empty text: leave such rows out, for example with FilterByCustomPredicate.",
                Assert.Throws<InvalidOperationException>(read).Message);
        }

        Assert.Equal(0, fits);
        // The advice helps, and so does it for the key that is made of the text, in which ML.NET too takes an empty text for a missing
        // value.
        var filtered = _mlContext.Data.FilterByCustomPredicate<TextItem>(view, item => item.Text.Length == 0);
        var split = _mlContext.Data.StratifiedTrainTestSplit(filtered, "Text", .5);
        Assert.Equal(7, Count(split.TrainSet) + Count(split.TestSet));
        var keyed = _mlContext.Transforms.Conversion.MapValueToKey("Text").Fit(view).Transform(view);
        Assert.Equal("Label column 'Text' is missing in row 3: leave such rows out, for example with FilterRowsByMissingValues.",
            Assert.Throws<InvalidOperationException>(() => _mlContext.Data.StratifiedTrainTestSplit(keyed, "Text")).Message);
        Assert.Equal(7, Count(_mlContext.Data.FilterRowsByMissingValues(keyed, "Text")));
    }

    [Fact]
    public void Rows_with_an_empty_text_as_sampling_key_stay_together_like_those_with_a_missing_key()
    {
        var view = View([.. Enumerable.Range(0, 60).Select(i => new TextItem
        {
            Text = i < 20 ? "" : $"{i % 10}", Flag = i % 3 == 0, Features = [i],
        })]);
        var keyed = _mlContext.Transforms.Conversion.MapValueToKey("Text").Fit(view).Transform(view);
        foreach (var data in new[] { view, keyed })
        {
            var folds = _mlContext.Data.StratifiedCrossValidationSplit(data, "Flag", 3, "Text");
            Assert.Single(folds, fold => fold.TestSet.GetColumn<float[]>("Features").Any(x => x[0] < 20));
        }
    }

    private IDataView View(TextItem[] items) => _mlContext.Data.LoadFromEnumerable(items);

    private void FitReweighted(IDataView view) => _mlContext.MulticlassClassification.Trainers.FocalReweighted(
        w => _mlContext.MulticlassClassification.Trainers.LbfgsMaximumEntropy(exampleWeightColumnName: w)).Fit(view);

    private static int Count(IDataView view) => view.GetColumn<float[]>("Features").Count();

    private static TinyView Keys(ulong count, params uint[] keys) => Keys(count, null, keys);

    /// <summary>With a Boolean column, features, and two scores or as many as there are names.</summary>
    private static TinyView Keys(ulong count, string[]? names, params uint[] keys)
    {
        DataViewSchema.Annotations? Names(string kind)
        {
            if (names is null)
                return null;
            var builder = new DataViewSchema.Annotations.Builder();
            builder.Add(kind, new VectorDataViewType(TextDataViewType.Instance, names.Length),
                (ref VBuffer<ReadOnlyMemory<char>> values) => values = new(names.Length, [.. names.Select(name => name.AsMemory())]));
            return builder.ToAnnotations();
        }

        var scores = names?.Length ?? 2;
        return new TinyView(
            new TinyColumn<uint>("Label", new KeyDataViewType(typeof(uint), count), Names("KeyValues"), keys),
            new TinyColumn<bool>("Flag", BooleanDataViewType.Instance, null, [.. keys.Select((_, i) => i % 2 == 0)]),
            new TinyColumn<VBuffer<float>>(
                "Features", new VectorDataViewType(NumberDataViewType.Single, 1), null,
                [.. keys.Select((_, i) => new VBuffer<float>(1, [i]))]),
            new TinyColumn<VBuffer<float>>("Score", new VectorDataViewType(NumberDataViewType.Single, scores), Names("SlotNames"),
                [.. keys.Select(_ => new VBuffer<float>(scores, [.. Enumerable.Repeat(1f / scores, scores)]))]));
    }

    private sealed class BinaryOfKeys : FocalMlNet.Reweighting.MarginReader
    {
        public override ColumnRole Label => ColumnRole.KeyLabel;

        public override double[] Margins(IDataView scored, DataViewSchema input, object? model, FocalMlNet.Reweighting.WeightedRows rows)
            => [];
    }

    private sealed class TextItem
    {
        public string Text { get; set; } = "";

        public bool Flag { get; set; }

        [VectorType(1)]
        public float[] Features { get; set; } = [];
    }
}
