global using BinaryModel = Microsoft.ML.Calibrators.CalibratedModelParametersBase<
    Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>;
global using MulticlassModel = Microsoft.ML.Trainers.ModelParametersBase<Microsoft.ML.Data.VBuffer<float>>;
