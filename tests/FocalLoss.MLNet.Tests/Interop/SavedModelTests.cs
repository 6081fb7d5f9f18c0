using Microsoft.ML;

namespace FocalMlNet.Tests.Interop;

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

        Assert.Equal(Rows.Score(_mlContext, model, view).Select(row => ModelConsumer.Line(row.Score, row.Probability, row.PredictedLabel)), output);
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
            MulticlassRows.Score(_mlContext, model, view).Select(row => $"{string.Join(' ', row.Score.Select(ModelConsumer.Bits))} {row.PredictedLabel}"), output);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
