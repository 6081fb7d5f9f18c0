
using Microsoft.ML;

namespace FocalMlNet.Tests.Matrix;

public sealed class ReadingTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Whatever_says_that_it_reads_its_data_once_does()
    {
        var (data, transforms, binary) = (_mlContext.Data, _mlContext.Transforms, _mlContext.BinaryClassification);
        var several = _mlContext.MulticlassClassification;
        var rows = Rows.Gaussian(400);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 40;
        var keys = transforms.Conversion.MapValueToKey("Key", "Label").Fit(Rows.View(_mlContext, rows));
        var reads = 0;
        var view = keys.Transform(Rows.View(_mlContext, rows, () => reads++));
        var scored = binary.Trainers.FocalSgd().Fit(view).Transform(view);
        var scoredClasses = several.Trainers.FocalSgd("Key").Fit(view).Transform(view);
        var entropy = several.Trainers.FocalReweighted(
            w => several.Trainers.LbfgsMaximumEntropy("Key", exampleWeightColumnName: w), rounds: 3, labelColumnName: "Key");
        foreach (var read in new Func<object>[]
        {
            () => binary.Trainers.FocalSgd().Fit(view),
            () => binary.Trainers.FocalSgd(new() { EarlyStopping = new(), Calibration = CalibrationMethod.Platt }).Fit(view),
            () => several.Trainers.FocalSgd("Key").Fit(view),
            () => several.Trainers.FocalSgd("Key", formulation: MulticlassFormulation.OneVersusAll).Fit(view),
            () => binary.Trainers.FocalReweighted(
                w => binary.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), rounds: 3).Fit(view),
            () => entropy.Fit(view),
            () => transforms.BalanceClasses("Balance").Fit(view),
            () => transforms.BalanceClasses("Balance", "Key", exampleWeightColumnName: "Weight").Fit(view),
            () => data.StratifiedTrainTestSplit(view),
            () => data.StratifiedCrossValidationSplit(view, "Key", samplingKeyColumnName: "Weight"),
            () => data.Undersample(view).LogOddsShift,
            () => binary.EvaluateImbalanced(scored),
            () => binary.ChooseThreshold(scored, ThresholdPolicy.MaximizeF(1)),
            () => binary.HardExamples(scored, 5),
            () => several.HardExamples(scoredClasses, 5, "Key"),
            () => several.EvaluateImbalanced(scoredClasses, "Key"),
        })
        {
            reads = 0;
            Assert.NotNull(read());
            Assert.Equal(1, reads);
        }
    }
}
