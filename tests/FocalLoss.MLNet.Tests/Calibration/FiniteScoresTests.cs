using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Training;

namespace FocalMlNet.Tests.Calibration;

/// <summary>
/// Finite weights and features whose products are not: 10 times 1e38 is beyond single precision, and the difference of two such is NaN.
/// </summary>
public sealed class FiniteScoresTests
{
    private const string Message = "A score is not finite: the features are too large for single precision. Normalise them first.";

    private static readonly ParallelOptions Parallel = new() { MaxDegreeOfParallelism = 2 };

    /// <summary>Four rows of two features; the last is far out.</summary>
    public static TheoryData<float, float> FarRows => new() { { 1e38f, 0 }, { -1e38f, 0 }, { 1e38f, 1e38f } };

    [Theory]
    [MemberData(nameof(FarRows))]
    public void Every_calibration_refuses_them(float first, float second)
    {
        var rows = Rows(first, second);
        var data = TrainingData.Of(rows, classCount: 2);
        var (one, two) = (Model(1), Model(2));
        foreach (var calibrate in new Action[]
        {
            () => ScoreCalibration.Platt(one, rows, data.Totals, Parallel),
            () => ScoreCalibration.Platt(two, rows, data.Totals, Parallel),
            () => ScoreCalibration.Focal(one, [new FocalPosterior(2)], data, Parallel),
            () => ScoreCalibration.Focal(two, [new FocalPosterior(2), new FocalPosterior(2)], data, Parallel),
            () => ScoreCalibration.Undo(one, new FocalPosterior(2), data, Parallel),
            () => SoftmaxCalibration.Platt(two, rows, data.Totals, Parallel),
            () => SoftmaxCalibration.Focal(two, 2, [1, 1], data, Parallel),
        })
        {
            Assert.Equal(Message, Assert.Throws<InvalidOperationException>(calibrate).Message);
        }
    }

    [Theory]
    [MemberData(nameof(FarRows))]
    public void Early_stopping_does(float first, float second)
    {
        var monitor = new EarlyStoppingMonitor(new(), Rows(first, second), classCount: 2, HeldOutJudge.Binary, Parallel);
        Assert.Equal(Message, Assert.Throws<InvalidOperationException>(() => monitor.GoOn(Model(1), objective: 1, pass: 1)).Message);
    }

    /// <summary>A row that is left out and too far for a score counts as a certain error; it does not undo what the others say.</summary>
    [Fact]
    public void A_left_out_row_without_a_score_is_a_certain_error()
    {
        var options = new FocalSgdBinaryTrainer.Options { Gamma = 0 };
        var formulation = new BinaryFormulation(new Microsoft.ML.MLContext().BinaryClassification.Trainers, options, given: null);
        var problem = new FocalProblem(formulation, 0, [1, 1]);
        var leftOut = Rows(1e38f, 1e38f);
        var fold = new PenaltyFold(Rows(1, 0), leftOut, [1, 1]);
        var scores = new HeldOutRows(leftOut).Scores(Model(1), CancellationToken.None);
        // Scores 10, -10, 20 of rows of classes 1, 0, 1, and the far one.
        var expected = 2 * Math.Log(1 + Math.Exp(-10)) + Math.Log(1 + Math.Exp(-20)) - Math.Log(float.Epsilon);
        Assert.Equal(expected, fold.Judge(scores, problem, isWeighted: false).Loss, 1e-4);
    }

    private static RowBlock[] Rows(float first, float second)
        => [new DenseBlock([1, -1, 2, first, 0, 0, 0, second], columnCount: 2, [1, 0, 1, 0], [1, 1, 1, 1])];

    private static LinearModel Model(int outputs)
        => new([.. Enumerable.Range(0, outputs).Select(k => k == 0 ? (float[])[10, -10] : [-10, 10])], new float[outputs]);
}
