using FocalMlNet.Views;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using static Microsoft.ML.BinaryClassificationCatalog;
using static Microsoft.ML.MulticlassClassificationCatalog;

namespace FocalMlNet.Training;

/// <summary>
/// Warns on <see cref="MLContext.Log"/> of rows that were skipped, in the words of the stock trainers. A message can be sent by whoever
/// holds the context, but a trainer holds a catalog only, from which no public way leads there. So a stock trainer of the same catalog is
/// given as many rows that it must skip: its warning is true of ours. They are of one feature and read once.
/// </summary>
internal static class SkippedRowsWarning
{
    /// <summary>Warns of a number of rows, if it is not 0.</summary>
    public static void Warn(BinaryClassificationTrainers trainers, long count)
    {
        if (count == 0)
            return;
        trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
        {
            L1Regularization = 0,
            MaximumNumberOfIterations = 1,
            NumberOfThreads = 1,
        }).Fit(View(BooleanDataViewType.Instance, false, true, count));
    }

    /// <summary>Warns of a number of rows, if it is not 0.</summary>
    public static void Warn(MulticlassClassificationTrainers trainers, long count)
    {
        if (count == 0)
            return;
        trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = 0,
            MaximumNumberOfIterations = 1,
            NumberOfThreads = 1,
        }).Fit(View(new KeyDataViewType(typeof(uint), 2), 1u, 2u, count));
    }

    /// <summary>A row of each class, and once, when the trainer counts, rows without a feature before them.</summary>
    private static TinyView View<TLabel>(DataViewType label, TLabel first, TLabel second, long missing) => new(
        new TinyColumn<TLabel>("Label", label, null, first, second) { Before = first },
        new TinyColumn<VBuffer<float>>(
            "Features", new VectorDataViewType(NumberDataViewType.Single, 1), null, new(1, [-1f]), new(1, [1f]))
        {
            Before = new(1, [float.NaN]),
        })
    {
        RowsBefore = () => Interlocked.Exchange(ref missing, 0),
    };
}
