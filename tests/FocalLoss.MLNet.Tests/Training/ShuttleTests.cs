using Microsoft.ML;
using Microsoft.ML.Transforms;

namespace FocalMlNet.Tests.Training;

/// <summary>The promise of the README on real data: Shuttle, class Fpv.Open, .29 per cent positives, a stratified fifth held out.</summary>
public sealed class ShuttleTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Fact]
    public void Balanced_focal_loss_ranks_the_plain_columns_where_logistic_regression_does_not()
    {
        var (train, test) = Features(kernel: false);
        Assert.True(AveragePrecision(Trainer(ClassWeighting.Balanced), train, test) >= .40);
        // An independent program measured .009.
        Assert.True(AveragePrecision(_mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(), train, test) < .05);
    }

    [Fact]
    public void On_kernel_features_it_gets_where_stock_SGD_does_not()
    {
        var (train, test) = Features(kernel: true);
        Assert.True(AveragePrecision(Trainer(ClassWeighting.None), train, test) >= .90);
        Assert.True(AveragePrecision(Trainer(ClassWeighting.Balanced), train, test) >= .85);
    }

    private FocalSgdBinaryTrainer Trainer(ClassWeighting weighting)
        => _mlContext.BinaryClassification.Trainers.FocalSgd(new FocalSgdBinaryTrainer.Options { ClassWeighting = weighting });

    private (IDataView Train, IDataView Test) Features(bool kernel)
    {
        var (train, test) = Rows.StratifiedSplit(Rows.Shuttle(), seed: 1);
        var view = Rows.View(_mlContext, train);
        IEstimator<ITransformer> steps = _mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false);
        if (kernel)
            steps = steps.Append(_mlContext.Transforms.ApproximatedKernelMap("Features", rank: 200, generator: new GaussianKernel(.5f)));
        var fitted = steps.Fit(view);
        return (_mlContext.Data.Cache(fitted.Transform(view)), fitted.Transform(Rows.View(_mlContext, test)));
    }

    private double AveragePrecision(IEstimator<ITransformer> trainer, IDataView train, IDataView test)
        => Rows.AveragePrecision(Rows.Score(_mlContext, trainer.Fit(train), test));
}
