// What SgdCalibrated, LbfgsLogisticRegression and FocalSgd all leave behind: a stock linear model with a calibrator, ready to score.
global using LinearModel = Microsoft.ML.Data.BinaryPredictionTransformer<
    Microsoft.ML.Calibrators.CalibratedModelParametersBase<
        Microsoft.ML.Trainers.LinearBinaryModelParameters, Microsoft.ML.Calibrators.PlattCalibrator>>;
