using Microsoft.ML;

namespace FocalMlNet.Tests.Evaluation;

/// <summary>What EvaluateImbalanced and ChooseThreshold make of a view of scored binary data, good and bad.</summary>
public sealed class EvaluateImbalancedTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Columns_are_found_by_their_names()
    {
        var view = View(new() { Label = true, Score = 3, Probability = .75f, PredictedLabel = true, Weight = 2 },
            new() { Score = 4, Probability = .25f, Weight = 6 });

        var metrics = _mlContext.BinaryClassification.EvaluateImbalanced(
            view, nameof(ScoredRow.Label), nameof(ScoredRow.Score), nameof(ScoredRow.Probability), nameof(ScoredRow.PredictedLabel),
            nameof(ScoredRow.Weight));
        var swapped = _mlContext.BinaryClassification.EvaluateImbalanced(view, scoreColumnName: nameof(ScoredRow.Probability));

        Assert.Equal((.25, .25, 0), (metrics.Prevalence, metrics.AveragePrecision, metrics.AreaUnderRocCurve));
        Assert.Equal(new(2, 0, 0, 6), metrics.ConfusionCounts);
        Assert.Equal(-Math.Log(.75), metrics.LogLoss, 1e-12);
        Assert.Equal((.5, 1, 1), (swapped.Prevalence, swapped.AveragePrecision, swapped.AreaUnderRocCurve));
    }

    [Fact]
    public void A_row_of_weight_0_is_as_if_it_were_not_there()
    {
        ScoredRow[] rows = [.. Rows(20)];
        ScoredRow[] more = [.. rows, new() { Label = true, Score = -5, Probability = .001f, Weight = 0 },
            new() { Score = 5, Probability = .999f, PredictedLabel = true, Weight = 0 },
            new() { Score = float.NaN, Probability = float.NaN, Weight = 0 }];

        var (without, with) = (Evaluate(rows, Weighted), Evaluate(more, Weighted));

        Assert.All(Enum.GetValues<BinaryMetric>(), metric => Assert.Equal(without[metric], with[metric]));
        Assert.Equal((20, 20), (without.RowCount, with.RowCount));
    }

    [Fact]
    public void The_view_is_read_once()
    {
        var reads = 0;
        IEnumerable<ScoredRow> Counted()
        {
            reads++;
            foreach (var row in Rows(20))
                yield return row;
        }

        _mlContext.BinaryClassification.EvaluateImbalanced(
            _mlContext.Data.LoadFromEnumerable(Counted()), options: new() { BootstrapResamples = 10 });

        Assert.Equal(1, reads);
    }

    [Fact]
    public void Data_of_one_class_is_an_error()
    {
        Assert.Equal("Label column 'Label' has 0 positive and 3 negative rows with a weight above 0, but there should be some of both.",
            Assert.Throws<InvalidOperationException>(() => Evaluate([new(), new(), new()])).Message);
        Assert.Equal("Label column 'Label' has 2 positive and 0 negative rows with a weight above 0, but there should be some of both.",
            Assert.Throws<InvalidOperationException>(
                () => Evaluate([new() { Label = true }, new() { Label = true }, new() { Weight = 0 }], Weighted)).Message);
        Assert.StartsWith("Label column 'Label' has 1 positive and 0 negative rows",
            Assert.Throws<InvalidOperationException>(() => Choose([new() { Label = true }])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_view_is_an_error()
    {
        const string Message = "Label column 'Label' has 0 positive and 0 negative rows with a weight above 0, but there should be some "
            + "of both.";

        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => Evaluate([])).Message);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => Choose([])).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_score_that_is_not_finite_is_an_error(float score)
        => Assert.Equal(FormattableString.Invariant($"Column 'Score' has {score} in row 1, but it should be finite."),
            Assert.Throws<InvalidOperationException>(() => Evaluate([new() { Label = true }, new() { Score = score }])).Message);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-.1f)]
    [InlineData(1.1f)]
    public void A_probability_outside_its_range_is_an_error(float probability)
    {
        var message = FormattableString.Invariant($"Column 'Probability' has {probability} in row 1, but it should be in [0; 1].");
        ScoredRow[] rows = [new() { Label = true }, new() { Probability = probability }];

        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => Evaluate(rows)).Message);
        Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => Choose(rows)).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(-1)]
    [InlineData(float.PositiveInfinity)]
    public void A_weight_outside_its_range_is_an_error(float weight)
        => Assert.Equal(FormattableString.Invariant($"Column 'Weight' has weight {weight} in row 0, but it should be in [0; 1E+30]."),
            Assert.Throws<InvalidOperationException>(() => Evaluate([new() { Label = true, Weight = weight }, new()], Weighted)).Message);

    [Theory]
    [InlineData("label", "No")]
    [InlineData("score", "No")]
    [InlineData("probability", "No")]
    [InlineData("predicted label", "No")]
    [InlineData("weight", "No")]
    public void A_missing_column_is_an_error_that_names_those_there_are(string role, string name)
    {
        string Column(string ofRole, string byDefault) => role == ofRole ? name : byDefault;

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.EvaluateImbalanced(View(Rows(5)),
            Column("label", "Label"), Column("score", "Score"), Column("probability", "Probability"),
            Column("predicted label", "PredictedLabel"), Column("weight", "Weight")));

        Assert.StartsWith($"The {role} column 'No' is missing. The input has: Label, Score, Probability, PredictedLabel, Weight.",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_probabilities_is_told_what_to_do()
    {
        var view = Tests.Rows.View(_mlContext, Tests.Rows.Gaussian(200));
        var scored = _mlContext.BinaryClassification.Trainers.AveragedPerceptron().Fit(view).Transform(view);

        Assert.Contains("A model without probabilities is evaluated with probabilityColumnName: null.",
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.EvaluateImbalanced(scored)).Message,
            StringComparison.Ordinal);
        Assert.InRange(_mlContext.BinaryClassification.EvaluateImbalanced(scored, probabilityColumnName: null).AreaUnderRocCurve, .8, 1);
        Assert.StartsWith("The probability column 'Probability' is missing.",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => _mlContext.BinaryClassification.ChooseThreshold(scored, ThresholdPolicy.MaximizeF())).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_another_type_or_without_a_name_is_an_error()
    {
        var view = View(Rows(5));

        Assert.StartsWith("The label column 'Score' is of type Single, but it should be Boolean.",
            Assert.Throws<ArgumentOutOfRangeException>(() => _mlContext.BinaryClassification.EvaluateImbalanced(view, "Score")).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("probabilityColumnName = \"\", but it should be the name of a column.",
            Assert.Throws<ArgumentException>(
                () => _mlContext.BinaryClassification.ChooseThreshold(view, ThresholdPolicy.MaximizeF(), probabilityColumnName: ""))
                .Message, StringComparison.Ordinal);
        Assert.StartsWith("label column name = null, but it should be the name of a column.",
            Assert.Throws<ArgumentException>(() => _mlContext.BinaryClassification.EvaluateImbalanced(view, null!)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Options_outside_their_ranges_are_refused()
    {
        void Refused(string message, EvaluationOptions options) => Assert.StartsWith(message,
            Assert.Throws<ArgumentOutOfRangeException>(
                () => _mlContext.BinaryClassification.EvaluateImbalanced(View(Rows(5)), options: options)).Message,
                StringComparison.Ordinal);

        Refused("Gamma = -1, but it should be in [0; 50].", new() { Gamma = -1 });
        Refused("Alpha = 1, but it should be in (0; 1).", new() { Alpha = 1 });
        Refused("CalibrationBinCount = 0, but it should be at least 1.", new() { CalibrationBinCount = 0 });
        Refused("CalibrationBinning = 7, but it should be one of EqualMass, EqualWidth.",
            new() { CalibrationBinning = (CalibrationBinning)7 });
        Refused("BootstrapResamples = -1, but it should be at least 2.", new() { BootstrapResamples = -1 });
        Refused("ConfidenceLevel = 1, but it should be in (0; 1).", new() { ConfidenceLevel = 1 });
        Refused("NumberOfThreads = 0, but it should be at least 1.", new() { NumberOfThreads = 0 });
    }

    [Fact]
    public void Defaults_are_as_documented()
    {
        var options = new EvaluationOptions();

        Assert.Equal((2, null, 10, CalibrationBinning.EqualMass),
            (options.Gamma, options.Alpha, options.CalibrationBinCount, options.CalibrationBinning));
        Assert.Equal((0, .95, null, null), (options.BootstrapResamples, options.ConfidenceLevel, options.Seed, options.NumberOfThreads));
    }

    private const string Weighted = nameof(ScoredRow.Weight);

    private static ScoredRow[] Rows(int count)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(i => new ScoredRow
        {
            Label = i % 4 == 0,
            Score = random.NextSingle() + (i % 4 == 0 ? .3f : 0),
            Probability = random.NextSingle(),
            PredictedLabel = random.Next(2) == 0,
            Weight = 1 + random.Next(3),
        })];
    }

    private IDataView View(params ScoredRow[] rows) => _mlContext.Data.LoadFromEnumerable(rows);

    private ImbalancedBinaryMetrics Evaluate(ScoredRow[] rows, string? weight = null)
        => _mlContext.BinaryClassification.EvaluateImbalanced(View(rows), exampleWeightColumnName: weight);

    private ThresholdChoice Choose(ScoredRow[] rows)
        => _mlContext.BinaryClassification.ChooseThreshold(View(rows), ThresholdPolicy.MaximizeF());

    private sealed class ScoredRow
    {
        public bool Label { get; set; }

        public float Score { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }

        public float Weight { get; set; } = 1;
    }
}
