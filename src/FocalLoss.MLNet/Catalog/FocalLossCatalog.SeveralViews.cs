using FocalMlNet;
using Microsoft.ML.Data;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>Trains on the rows of several views, one view after the other: the model is that of one view that has them all.</summary>
    /// <remarks>
    /// An extension, so that <see cref="FocalSgdBinaryTrainer.Fit(IDataView)"/> is the trainer's only method of one argument.
    /// </remarks>
    /// <param name="trainer">The trainer.</param>
    /// <param name="inputs">
    /// The training data: one view at least, whose label, features, weights and sampling keys are of the same types.
    /// </param>
    /// <inheritdoc cref="FocalSgdBinaryTrainer.Fit(IDataView)" path="/returns"/>
    /// <inheritdoc cref="FocalSgdBinaryTrainer.Fit(IDataView)" path="/exception"/>
    /// <exception cref="ArgumentException">There is no view, or a column is not of the same kind in all of them.</exception>
    public static BinaryPredictionTransformer<BinaryModel> Fit(this FocalSgdBinaryTrainer trainer, IReadOnlyList<IDataView> inputs)
        => Guard.NotNull(trainer).Fit(trainer.Append(inputs));

    /// <summary>Trains on the rows of several views, one view after the other: the model is that of one view that has them all.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="inputs">
    /// The training data: one view at least, whose label (with its key values), features, weights and sampling keys are of the same types.
    /// </param>
    /// <inheritdoc cref="FocalSgdMulticlassTrainer.Fit(IDataView)" path="/returns"/>
    /// <inheritdoc cref="FocalSgdMulticlassTrainer.Fit(IDataView)" path="/exception"/>
    /// <exception cref="ArgumentException">There is no view, or a column is not of the same kind in all of them.</exception>
    public static ISingleFeaturePredictionTransformer<MulticlassModel> Fit(
        this FocalSgdMulticlassTrainer trainer, IReadOnlyList<IDataView> inputs)
        => Guard.NotNull(trainer).Fit(trainer.Append(inputs));
}
