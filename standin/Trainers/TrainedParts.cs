using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Microsoft.ML;

internal static partial class ModelFormat
{
    static partial void AddTrainedParts(Action<Type, Func<BinaryReader, ICanSaveModel>> add)
    {
        add(typeof(LinearBinaryModelParameters), LinearBinaryModelParameters.Load);
        add(typeof(PlattCalibrator), PlattCalibrator.Load);
        add(typeof(ParameterMixingCalibratedModelParameters<,>), CalibratedLinear.Load);
        add(typeof(PlattCalibratorTransformer), PlattCalibratorTransformer.Load);
        add(typeof(BinaryPredictionTransformer<>), BinaryPredictionTransformer.Load);
        add(typeof(MaximumEntropyModelParameters), MaximumEntropyModelParameters.Load);
        add(typeof(OneVersusAllModelParameters), OneVersusAllModelParameters.Load);
        add(typeof(MulticlassPredictionTransformer<>), MulticlassPredictionTransformer.Load);
    }
}
