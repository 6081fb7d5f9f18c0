using FocalMlNet.Matrix;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Training;

/// <summary>
/// Rows of one sampling key do not judge each other. The data is noise: 80 groups of 40 random features and a random label, each of five
/// rows that are all but the same. Who judges a group by its like believes that the features tell the label.
/// </summary>
public sealed class SamplingKeyTests
{
    private const int Groups = 80;
    private const int Copies = 5;
    private const int Features = 40;

    private static readonly DateTime Day = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly MLContext _mlContext = new(seed: 1);

    public static TheoryData<bool, MulticlassFormulation?> Trainers
        => new(new[] { false, true }.SelectMany(isStreamed => new MulticlassFormulation?[]
            { null, MulticlassFormulation.Softmax, MulticlassFormulation.OneVersusAll }.Select(formulation => (isStreamed, formulation))));

    [Theory]
    [MemberData(nameof(Trainers))]
    public void They_do_not_where_a_penalty_is_chosen(bool isStreamed, MulticlassFormulation? formulation)
    {
        var (with, without) = (Chosen(nameof(GroupedRow.Text)), Chosen(null));
        Assert.True(with > 100 * without, $"{with} with the key, {without} without");

        double Chosen(string? key)
        {
            FocalSgdOutcome? outcome = null;
            var view = View(Noise());
            long? budget = isStreamed ? 1 : null;
            if (formulation is { } given)
            {
                _mlContext.MulticlassClassification.Trainers.FocalSgd(new FocalSgdMulticlassTrainer.Options
                {
                    LabelColumnName = nameof(GroupedRow.Class),
                    Formulation = given,
                    SamplingKeyColumnName = key,
                    MemoryBudget = budget,
                    Completed = own => outcome = own,
                }).Fit(view);
            }
            else
            {
                _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
                {
                    SamplingKeyColumnName = key,
                    MemoryBudget = budget,
                    Completed = own => outcome = own,
                }).Fit(view);
            }

            return outcome!.L2Regularization;
        }
    }

    [Theory]
    [InlineData(nameof(GroupedRow.Number))]
    [InlineData(nameof(GroupedRow.Time))]
    [InlineData(nameof(GroupedRow.Key))]
    [InlineData(nameof(GroupedRow.Value))]
    public void A_key_of_any_scalar_type_and_any_number_of_threads_give_the_same_model(string key)
    {
        var view = View(Noise());
        var expected = Weights(view, nameof(GroupedRow.Text), threads: 1);
        foreach (var threads in new[] { 1, 4 })
            Assert.Equal(expected, Weights(view, key, threads));

        IReadOnlyList<float> Weights(IDataView data, string name, int threads) => _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { SamplingKeyColumnName = name, NumberOfThreads = threads }).Fit(data).Model.SubModel.Weights;
    }

    [Fact]
    public void They_do_not_in_Platt_scaling()
    {
        var rows = Noise();
        // Judged by their like the scores are right; judged by other groups they say nothing, and all probabilities are near the share.
        var (with, without) = (Spread(nameof(GroupedRow.Number)), Spread(null));
        Assert.True(without > .2 && with < .1, $"{with} with the key, {without} without");

        double Spread(string? key)
        {
            var model = _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                Calibration = CalibrationMethod.Platt,
                L2Regularization = 1e-4,
                EarlyStopping = new() { HoldOutShare = .4, Patience = 1000 },
                SamplingKeyColumnName = key,
            }).Fit(View(rows));
            double[] p = [.. Rows.Score(_mlContext, model, View(rows)).Select(row => (double)row.Probability)];
            return Math.Sqrt(p.Average(x => x * x) - p.Average() * p.Average());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_group_is_held_out_or_trained_on_as_a_whole_and_each_class_gives_its_share_of_them(int threads)
    {
        var random = new Random(1);
        // Groups of 1 to 9 rows, which lie scattered.
        var rows = Enumerable.Range(0, 2000).SelectMany(g => Enumerable.Range(0, 1 + g % 9).Select(_ => new GroupedRow
        {
            Label = g % 4 == 0,
            Number = g,
            Features = [g],
        })).ToArray();
        random.Shuffle(rows);
        var reader = new RowReader(
            View(rows, 1), "Label", "Features", null, new HoldOut(.2, seed: 1, classCount: 2),
            parallel: new() { MaxDegreeOfParallelism = threads }, samplingKeyColumnName: nameof(GroupedRow.Number));
        float[] first = [.. reader.Read().SelectMany(Values)];
        float[] heldOut = [.. reader.HeldOut.SelectMany(Values)];
        Assert.Equal(rows.Length, first.Length + heldOut.Length);
        Assert.Empty(first.Intersect(heldOut));
        Assert.InRange(heldOut.Distinct().Count(g => g % 4 == 0), 99, 101);
        Assert.InRange(heldOut.Distinct().Count(g => g % 4 != 0), 299, 301);

        static float[] Values(RowBlock block)
        {
            var row = new float[1];
            return [.. Enumerable.Range(0, block.RowCount).Select(i =>
            {
                block.CopyRow(i, row);
                return row[0];
            })];
        }
    }

    [Fact]
    public void Groups_of_several_classes_are_in_one_fold_each_and_the_rare_class_is_dealt_evenly()
    {
        var random = new Random(3);
        var (groups, labels) = (new int[600], new float[600]);
        for (var i = 0; i < groups.Length; i++)
            (groups[i], labels[i]) = (i / 6, i / 6 < 25 && i % 6 < 2 ? 1 : 0);
        var block = new DenseBlock([.. labels.Select(_ => (float)Rows.Normal(random))], 1, labels, [.. labels.Select(_ => 1f)])
        {
            Groups = groups,
        };
        var folds = new RowFolds([block], classCount: 2, new ParallelOptions());
        // 25 groups have rows of both classes, 75 of class 0 alone.
        Assert.Equal([100, 25], folds.DistinctRows);
        var foldOf = folds.Deal(5)[0];
        Assert.All(groups.Zip(foldOf).GroupBy(pair => pair.First), group => Assert.Single(group.Select(pair => pair.Second).Distinct()));
        for (var fold = 0; fold < 5; fold++)
        {
            Assert.Equal(10, labels.Zip(foldOf).Count(pair => pair == (1, fold)));
            Assert.InRange(labels.Zip(foldOf).Count(pair => pair == (0, fold)), 90, 126);
        }
    }

    [Fact]
    public void Groups_of_which_no_row_is_trained_on_do_not_count()
    {
        // The first half of the groups is of a class that is left out.
        GroupedRow[] rows = [.. Noise().Select((row, i) => new GroupedRow
        {
            Label = i >= Groups * Copies / 2,
            Text = row.Text,
            Features = row.Features,
        })];
        var reader = new RowReader(
            View(rows), "Label", "Features", null, samplingKeyColumnName: nameof(GroupedRow.Text), isLeftOut: k => k == 0);
        using var data = TrainingData.Read(reader, long.MaxValue);
        Assert.Equal((Groups / 2, Groups * Copies / 2), (data.UnitCount, data.RowCount));
    }

    [Fact]
    public void Rows_without_a_key_are_one_group()
    {
        GroupedRow[] rows = [.. Noise().Select((row, i) => new GroupedRow
        {
            Label = row.Label,
            Features = row.Features,
            Text = i < 100 ? "" : row.Text,
        })];
        var reader = new RowReader(
            View(rows), "Label", "Features", null, samplingKeyColumnName: nameof(GroupedRow.Text));
        int[] groups = [.. reader.Read().SelectMany(block => block.Groups)];
        Assert.Single(groups[..100].Distinct());
        Assert.Equal(Groups - 100 / Copies + 1, groups.Distinct().Count());
    }

    [Fact]
    public void A_single_group_and_one_group_of_each_class_are_no_error()
    {
        foreach (var sharing in new Func<GroupedRow, string>[] { _ => "a", row => row.Label ? "a" : "b" })
        {
            FocalSgdOutcome? outcome = null;
            var rows = Noise();
            foreach (var row in rows)
                row.Text = sharing(row);
            _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options
            {
                SamplingKeyColumnName = nameof(GroupedRow.Text),
                Completed = own => outcome = own,
            }).Fit(View(rows));
            Assert.True(outcome!.IsL2RegularizationChosen && outcome.L2Regularization > 1e-3, outcome.ToString());
        }
    }

    [Theory]
    [InlineData("Patient", "The sampling key column 'Patient' is missing.")]
    [InlineData("Features", "The sampling key column 'Features' is of type Vector<Single, 40>, but it should be a scalar.")]
    public void A_column_that_cannot_be_a_key_is_refused(string key, string message)
        => Assert.Contains(message, Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.Trainers.FocalSgd(
            new FocalSgdBinaryTrainer.Options { SamplingKeyColumnName = key }).Fit(View(Noise()))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_label_is_no_key()
        => Assert.Contains(
            "SamplingKeyColumnName = Label, but it should be another column than LabelColumnName.",
            Assert.Throws<ArgumentException>(() => _mlContext.BinaryClassification.Trainers.FocalSgd(
                new FocalSgdBinaryTrainer.Options { SamplingKeyColumnName = "Label" })).Message, StringComparison.Ordinal);

    private static GroupedRow[] Noise()
    {
        var random = new Random(7);
        GroupedRow[] rows = [.. Enumerable.Range(0, Groups).SelectMany(g =>
        {
            var label = g % 3 == 0;
            float[] centre = [.. Enumerable.Range(0, Features).Select(_ => (float)Rows.Normal(random))];
            return Enumerable.Range(0, Copies).Select(_ => new GroupedRow
            {
                Label = label,
                Class = label ? 1u : 0u,
                Features = [.. centre.Select(x => x + .01f * (float)Rows.Normal(random))],
                Text = $"group {g}",
                Number = g,
                Value = g / 8.0,
                Key = (uint)g,
                Time = Day.AddTicks(g),
            }).ToArray();
        })];
        return rows;
    }

    private IDataView View(GroupedRow[] rows, int features = Features)
    {
        var definition = SchemaDefinition.Create(typeof(GroupedRow));
        definition[nameof(GroupedRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, features);
        definition[nameof(GroupedRow.Class)].ColumnType = new KeyDataViewType(typeof(uint), 2);
        definition[nameof(GroupedRow.Key)].ColumnType = new KeyDataViewType(typeof(uint), Groups);
        return _mlContext.Data.LoadFromEnumerable(rows, definition);
    }

    private sealed class GroupedRow
    {
        public bool Label { get; set; }

        public uint Class { get; set; }

        public float[] Features { get; set; } = [];

        public string Text { get; set; } = "";

        public int Number { get; set; }

        public double Value { get; set; }

        public uint Key { get; set; }

        public DateTime Time { get; set; }
    }
}
