using System.Text.Json;
using FocalMlNet.Data;
using Microsoft.ML;

namespace FocalMlNet.Tests.Tuning;

/// <summary>Reference/tuning.json: what scikit-learn finds on the same folds, with the same penalties (make_tuning.py).</summary>
public sealed class TuningReferenceTests
{
    private const int Folds = 5;

    [Fact]
    public void Logistic_regression_on_CoIL_2000_is_worth_what_scikit_learn_says()
    {
        var mlContext = new MLContext(seed: 1);
        // A key of five values that has to stay together is in five folds: those of the reference.
        Row[] rows = [.. DataFile.Read(Path.Combine(AppContext.BaseDirectory, "data", "coil2000.csv.gz")).Select(
            (row, i) => new Row { Label = row.Class == "1", Features = row.Numbers, Weight = i % Folds })];
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Reference", "tuning.json")));
        var expected = json.RootElement.GetProperty("candidates").EnumerateArray().ToDictionary(
            c => c.GetProperty("l2").GetDouble(),
            c => (AveragePrecision: c.GetProperty("averagePrecision").GetDouble(), LogLoss: c.GetProperty("logLoss").GetDouble()));

        var result = mlContext.BinaryClassification.TuneImbalanced(Rows.View(mlContext, rows), new()
        {
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [.. expected.Keys],
            SamplingKeyColumnName = "Weight",
        });
        Assert.Equal(expected.Count, result.Candidates.Count);
        foreach (var candidate in result.Candidates)
        {
            var (averagePrecision, logLoss) = expected[candidate.L2Regularization!.Value];
            Assert.Equal(averagePrecision, candidate.Mean, .002);
            Assert.Equal(logLoss, candidate.LogLoss, .0005);
        }
    }
}
