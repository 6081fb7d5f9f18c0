using System.Diagnostics;
using FocalMlNet.Calibration;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Views;
using Microsoft.ML;

namespace FocalMlNet.Training;

/// <summary>What all FocalSgd trainers do between the columns of their input and a model: read, tell, minimise, watch.</summary>
internal sealed class FocalTraining
{
    /// <summary>γ schedules are followed in this many steps.</summary>
    private const int ScheduleSteps = 10;

    private readonly FocalSgdOptions _options;
    private readonly ParallelOptions _parallel;

    public FocalTraining(FocalSgdOptions options)
    {
        _options = options;
        _parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.NumberOfThreads ?? Environment.ProcessorCount,
            CancellationToken = options.CancellationToken,
        };
    }

    public ParallelOptions Parallel => _parallel;

    /// <summary>
    /// The share of each class that is held out of training, or null: what early stopping and Platt scaling need. Both use the same rows.
    /// </summary>
    private double? HoldOutShare
        => _options.EarlyStopping?.HoldOutShare ?? (_options.Calibration == CalibrationMethod.Platt ? ScoreCalibration.HoldOutShare : null);

    /// <summary>The values of γ on the way in equal parts of it, the last one being that of what is minimised.</summary>
    public IReadOnlyList<double> Gammas()
        => _options.GammaSchedule is { } schedule
            ? [.. Enumerable.Range(0, ScheduleSteps + 1).Select(step => schedule.At((double)step / ScheduleSteps))]
            : [_options.Gamma];

    /// <summary>An objective for each of <see cref="Gammas"/>: the same one again as long as γ stays as it is.</summary>
    public T[] Objectives<T>(Func<double, T> make)
        where T : IObjective
    {
        var gammas = Gammas();
        var objectives = new T[gammas.Count];
        for (var i = 0; i < objectives.Length; i++)
            objectives[i] = i > 0 && gammas[i] == gammas[i - 1] ? objectives[i - 1] : make(gammas[i]);
        return objectives;
    }

    /// <summary>The weight of each class; one without rows does not matter.</summary>
    /// <exception cref="InvalidOperationException">Fewer than two classes of the data are left with a weight above 0.</exception>
    public double[] ClassWeights(ClassTotals totals)
    {
        var weights = _options.ClassWeighting.FromAnyCounts(totals.Weights);
        if (totals.Weights.Where((weight, k) => weight * weights[k] > 0).Count() < 2)
            throw new InvalidOperationException(
                $"ClassWeighting = {_options.ClassWeighting} leaves fewer than two classes of the training data with a weight above 0.");
        return weights;
    }

    /// <summary>Makes a reader of the columns that the options name, which have been checked.</summary>
    /// <exception cref="InvalidOperationException">Rows are to be held out, but the data has copies of rows.</exception>
    public RowReader Reader(IDataView input, int classCount, int outputCount)
    {
        if (HoldOutShare is not null)
        {
            RowCopies.Refuse(
                input.Schema,
                "be trained on with EarlyStopping or Calibration = Platt: both hold rows out, which would be judged by their copies. "
                + "Weigh the classes instead, with ClassWeighting");
        }

        return new(
            input, _options.LabelColumnName, _options.FeatureColumnName, _options.ExampleWeightColumnName,
            HoldOutShare is { } share ? new HoldOut(share, _options.Seed, classCount) : null, outputCount, _parallel);
    }

    /// <summary>Reads the rows, and tells the log of what is worth knowing about them.</summary>
    /// <param name="reader">Reads the rows.</param>
    /// <param name="oneClassIsEnough">Whether rows of one class alone are no error.</param>
    public TrainingData Read(RowReader reader, bool oneClassIsEnough = false)
    {
        var budget = _options.MemoryBudget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2;
        var data = TrainingData.Read(reader, budget, oneClassIsEnough);
        if (data.RowsSkipped > 0)
        {
            _options.Log?.Invoke(
                $"Skipped {data.RowsSkipped} of {data.RowsSkipped + data.RowCount} rows: NaN or infinity in the features, NaN as the weight, or no label.");
        }

        if (data.InMemory is null)
        {
            _options.Log?.Invoke(
                $"The training data needs {data.Bytes >> 20} MiB, more than the MemoryBudget of {budget >> 20} MiB: it is read again in each pass over it.");
        }

        return data;
    }

    /// <summary>Minimises, and returns the model where that ended or, with early stopping, the best on the way.</summary>
    /// <param name="data">The rows.</param>
    /// <param name="objectives"><see cref="Objectives"/>.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="problem">What a penalty is chosen for if none is given.</param>
    /// <param name="judge">What the output of a model on held-out rows is worth.</param>
    public LinearModel Minimize(
        TrainingData data, IReadOnlyList<IObjective> objectives, LinearModel start, PenaltyProblem problem, HeldOutJudge judge)
    {
        var settings = new SolverSettings(
            _options.NumberOfIterations, _options.ConvergenceTolerance, _options.LearningRate, _options.L2Regularization
                ?? 0, _options.Shuffle, _options.Seed, _parallel)
        {
            TellsAllSteps = _options.EarlyStopping is not null,
        };
        if (_options.L2Regularization is null)
            settings = PenaltyChoice.Choose(problem, data, settings);
        var stopping = _options.EarlyStopping is { } early
            ? new EarlyStoppingMonitor(early, data.HeldOut, data.Totals.ClassCount, judge, _parallel)
            : null;
        var clock = Stopwatch.StartNew();
        var result = Solver.Minimize(
            data, objectives, start, settings,
            (model, objective, gradientNorm, passes) =>
            {
                _options.Progress?.Report(
                    new FocalSgdProgress(passes, objective, gradientNorm, passes * data.RowCount / clock.Elapsed.TotalSeconds));
                return stopping?.GoOn(model, passes) ?? true;
            });
        var outcome = new FocalSgdOutcome(
            result.Penalty, _options.L2Regularization is null, result.Passes, result.StartObjective, result.Objective, result.Gap,
            data.RowCount, data.RowsSkipped);
        _options.Log?.Invoke(outcome.ToString());
        _options.Completed?.Invoke(outcome);
        return stopping?.Best ?? result.Model;
    }
}
