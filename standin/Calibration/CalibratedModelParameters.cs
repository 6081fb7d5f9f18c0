using Microsoft.ML.Trainers;

namespace Microsoft.ML.Calibrators;

/// <summary>A model whose score a calibrator turns into a probability.</summary>
public abstract class CalibratedModelParametersBase
{
    private protected CalibratedModelParametersBase(object subModel, ICalibrator calibrator)
    {
        SubModel = subModel;
        Calibrator = calibrator;
    }

    public object SubModel { get; }

    public ICalibrator Calibrator { get; }
}

public abstract class CalibratedModelParametersBase<TSubModel, TCalibrator> : CalibratedModelParametersBase
    where TSubModel : class
    where TCalibrator : class, ICalibrator
{
    private protected CalibratedModelParametersBase(TSubModel subModel, TCalibrator calibrator)
        : base(subModel, calibrator) { }

    public new TSubModel SubModel => (TSubModel)base.SubModel;

    public new TCalibrator Calibrator => (TCalibrator)base.Calibrator;
}

internal sealed class ParameterMixingCalibratedModelParameters<TSubModel, TCalibrator>(TSubModel subModel, TCalibrator calibrator)
    : CalibratedModelParametersBase<TSubModel, TCalibrator>(subModel, calibrator), ICanSaveModel
    where TSubModel : class, ICanSaveModel
    where TCalibrator : class, ICalibrator, ICanSaveModel
{
    public void Save(ModelSaveContext ctx) => ctx.Write(this, writer =>
    {
        writer.WritePart(SubModel);
        writer.WritePart(Calibrator);
    });
}

internal static class CalibratedLinear
{
    public static ParameterMixingCalibratedModelParameters<LinearBinaryModelParameters, PlattCalibrator> Load(BinaryReader reader) =>
        new(reader.ReadPart<LinearBinaryModelParameters>(), reader.ReadPart<PlattCalibrator>());

    /// <summary>Of logistic regression: the sigmoid of the score itself.</summary>
    public static CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> Sigmoid(float[] weights, float bias) =>
        new ParameterMixingCalibratedModelParameters<LinearBinaryModelParameters, PlattCalibrator>(
            new LinearBinaryModelParameters(weights, bias), new PlattCalibrator(-1, 0));
}
