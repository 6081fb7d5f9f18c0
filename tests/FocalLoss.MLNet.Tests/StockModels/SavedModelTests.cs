
using FocalMlNet.Tests.Weighting;
using Microsoft.ML;

namespace FocalMlNet.Tests.StockModels;

public sealed class SavedModelTests : IDisposable
{
    private readonly MLContext _mlContext = new(seed: 1);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("focal-");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_saved_model_gives_the_same_bits_in_a_program_that_has_only_ML_NET(bool normalise)
    {
        var rows = Rows.Gaussian(1500, features: 5);
        var view = Rows.View(_mlContext, rows);
        var trainer = _mlContext.BinaryClassification.Trainers.FocalSgd();
        ITransformer model = normalise
            ? _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false).Append(trainer).Fit(view)
            : trainer.Fit(view);
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(model, view.Schema, modelFile);

        var output = ModelConsumer.Score(modelFile, rows.Select(r => r.Features), _folder);

        Assert.Equal(Rows.Score(_mlContext, model, view).Select(row => ModelConsumer.Line(row.Score, row.Probability, row.PredictedLabel)),
            output);
    }

    [Theory]
    [InlineData(MulticlassFormulation.Softmax)]
    [InlineData(MulticlassFormulation.OneVersusAll)]
    public void A_saved_model_of_several_classes_gives_the_same_bits_in_a_program_that_has_only_ML_NET(MulticlassFormulation formulation)
    {
        var rows = MulticlassRows.Gaussian(800);
        var view = MulticlassRows.View(_mlContext, rows);
        var model = _mlContext.MulticlassClassification.Trainers.FocalSgd(formulation: formulation).Fit(view);
        var modelFile = Path.Combine(_folder.FullName, "model.zip");
        _mlContext.Model.Save(model, view.Schema, modelFile);

        var output = ModelConsumer.Score(modelFile, rows.Select(r => r.Features), _folder);

        Assert.Equal(
            MulticlassRows.Score(_mlContext, model, view)
                .Select(row => $"{string.Join(' ', row.Score.Select(ModelConsumer.Bits))} {row.PredictedLabel}"), output);
    }

    [Fact]
    public void Whatever_is_fitted_adds_the_same_columns_before_saving_and_after_with_labels_and_without()
    {
        var (binary, several) = (_mlContext.BinaryClassification, _mlContext.MulticlassClassification);
        var view = Rows.View(_mlContext, Rows.Gaussian(600));
        var classes = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(600));
        var fewer = _mlContext.Data.Undersample(view);
        var entropy = several.Trainers.FocalReweighted(w => several.Trainers.LbfgsMaximumEntropy(exampleWeightColumnName: w), rounds: 2);
        var model = binary.Trainers.FocalSgd().Fit(fewer);
        foreach (var (data, fitted) in new (IDataView, ITransformer)[]
        {
            (view, model),
            (view, binary.WithThreshold(model, .3)),
            (view, binary.CorrectPrior(model, fewer.LogOddsShift)),
            (view, binary.CorrectPrior(binary.Trainers.FastTree(numberOfTrees: 3).Fit(fewer), fewer.LogOddsShift)),
            (view, binary.Trainers.FocalReweighted(
                w => binary.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w), rounds: 2).Fit(view)),
            (view, _mlContext.Transforms.BalanceClasses("Balance").Fit(view)),
            (view, _mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: "Weight").Fit(view)),
            (classes, several.Trainers.FocalSgd().Fit(classes)),
            (classes, several.Trainers.FocalSgd(formulation: MulticlassFormulation.OneVersusAll).Fit(classes)),
            (classes, entropy.Fit(classes)),
            (classes, _mlContext.Transforms.BalanceClasses("Balance").Fit(classes)),
        })
        {
            var modelFile = Path.Combine(_folder.FullName, "model.zip");
            _mlContext.Model.Save(fitted, data.Schema, modelFile);
            var loaded = _mlContext.Model.Load(modelFile, out _);
            foreach (var input in new[] { data, _mlContext.Transforms.SelectColumns("Features").Fit(data).Transform(data) })
                TransformChecks.SameSchema(fitted.Transform(input).Schema, loaded.Transform(input).Schema);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
