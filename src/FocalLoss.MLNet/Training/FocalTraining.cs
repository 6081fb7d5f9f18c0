using System.Diagnostics;
using FocalMlNet.Calibration;
using FocalMlNet.Columns;
using FocalMlNet.Matrix;
using FocalMlNet.Optimization;
using FocalMlNet.Views;
using Microsoft.ML;

namespace FocalMlNet.Training;

/// <summary>The way of all FocalSgd trainers from a view to a stock model: check, read, minimise, calibrate, pack.</summary>
/// <param name="options">The trainer's options.</param>
/// <param name="formulation">What is trained.</param>
internal sealed class FocalTraining(FocalSgdOptions options, IFormulation formulation)
{
    /// <summary>γ schedules are followed in this many steps.</summary>
    private const int ScheduleSteps = 10;

    private readonly ParallelOptions _parallel = new()
    {
        MaxDegreeOfParallelism = options.NumberOfThreads ?? Environment.ProcessorCount,
        CancellationToken = options.CancellationToken,
    };

    /// <summary>
    /// The share of each class that is held out of training, or null: what early stopping and Platt scaling need. Both use the same rows.
    /// </summary>
    private double? HoldOutShare
        => options.EarlyStopping?.HoldOutShare ?? (options.Calibration == CalibrationMethod.Platt ? ScoreCalibration.HoldOutShare : null);

    /// <summary>Trains on a view.</summary>
    public ITransformer Fit(IDataView input)
    {
        var model = Solve(input);
        options.CancellationToken.ThrowIfCancellationRequested();
        return formulation.ToStockModel(model, input.Schema[options.LabelColumnName], input.Schema[options.FeatureColumnName]);
    }

    /// <summary>The linear scores of the stock model.</summary>
    public LinearModel Solve(IDataView input)
    {
        options.Check(input.Schema);
        using var data = Read(input);
        Tell(data);
        if (!data.Totals.AreSeveral)
        {
            if (data.RowsOfNoWeight > 0 && Enumerable.Range(0, data.Totals.ClassCount).Any(options.ClassWeighting.IsZero))
            {
                throw new InvalidOperationException(
                    $"ClassWeighting = {options.ClassWeighting} leaves fewer than two classes of the training data with a weight above 0.");
            }

            return formulation.OfOneClass(input, data) ?? throw data.TooFewClasses();
        }

        TellOfEmptyClasses(data.Totals, ClassNames.Of(input.Schema[options.LabelColumnName]));
        var problems = Problems(data.Totals);
        var model = Minimize(data, problems);
        return formulation.Normalized(options.Calibration switch
        {
            CalibrationMethod.Focal => formulation.ByCurve(problems[^1], model, data, _parallel),
            CalibrationMethod.Platt => formulation.ByHeldOut(model, data, _parallel),
            _ => model,
        }, EmptyClasses(data));
    }

    /// <summary>
    /// What is minimised, the last one in the end: for a γ in equal parts of the way each, the same one again as long as γ stays as it is.
    /// </summary>
    public FocalProblem[] Problems(ClassTotals totals)
    {
        // The weight of a class without rows does not matter.
        var weights = options.ClassWeighting.FromAnyCounts(totals.Weights);
        var steps = options.Gamma.IsConstant ? 0 : ScheduleSteps;
        var problems = new FocalProblem[steps + 1];
        for (var i = 0; i <= steps; i++)
        {
            var gamma = options.Gamma.At((double)i / Math.Max(1, steps));
            problems[i] = i > 0 && gamma == problems[i - 1].Gamma ? problems[i - 1] : new(formulation, gamma, weights);
        }

        return problems;
    }

    /// <summary>Reads the rows.</summary>
    /// <exception cref="InvalidOperationException">Rows are to be held out, but the data has copies of rows.</exception>
    private TrainingData Read(IDataView input)
    {
        if (HoldOutShare is not null)
        {
            RowCopies.Refuse(
                input,
                "be trained on with EarlyStopping or Calibration = Platt: both hold rows out, which would be judged by their copies. "
                + "Weigh the classes instead, with ClassWeighting");
        }

        var classCount = LabelReader.ClassCount(input.Schema[options.LabelColumnName]);
        var reader = new RowReader(
            input, options.LabelColumnName, options.FeatureColumnName, options.ExampleWeightColumnName,
            HoldOutShare is { } share ? new HoldOut(share, options.Seed ?? 0, classCount) : null, formulation.OutputCount(classCount),
            _parallel, options.SamplingKeyColumnName, options.ClassWeighting.ClassCount is null ? null : options.ClassWeighting.IsZero);
        return TrainingData.Read(
            reader, options.MemoryBudget ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2, options.SpillFolder);
    }

    /// <summary>Tells of what is worth knowing about the rows.</summary>
    private void Tell(TrainingData data)
    {
        if (data.RowsSkipped > 0)
        {
            options.Log?.Invoke(
                $"Skipped {data.RowsSkipped} of {data.RowsRead} rows: "
                + "NaN or infinity in the features, NaN as the weight, or no label.");
        }

        if (data.IsSpilled)
        {
            options.Log?.Invoke(
                $"The training data needs {data.Bytes >> 20} MiB, more than the MemoryBudget: what exceeds it is in a temporary file.");
        }

        formulation.Warn(data.RowsSkipped);
    }

    /// <summary>Classes without rows, held-out ones included: of those Platt scaling has made something.</summary>
    private static int[] EmptyClasses(TrainingData data)
    {
        bool[] occurs = [.. data.Totals.Weights.Select(weight => weight > 0)];
        foreach (var block in data.HeldOut)
        {
            foreach (var label in block.Labels)
                occurs[(int)label] = true;
        }

        return [.. Enumerable.Range(0, occurs.Length).Where(k => !occurs[k])];
    }

    private void TellOfEmptyClasses(ClassTotals totals, ClassNames names)
    {
        for (var k = 0; k < totals.ClassCount; k++)
        {
            if (!(totals.Weights[k] > 0))
            {
                options.Log?.Invoke(
                    $"Class {names[k]} of label column '{options.LabelColumnName}' has no row with a weight above 0: "
                    + "the model keeps it, with a probability near 0.");
            }
        }
    }

    /// <summary>Minimises, and returns the model where that ended or, with early stopping, the best on the way.</summary>
    private LinearModel Minimize(TrainingData data, FocalProblem[] problems)
    {
        var settings = new SolverSettings(
            options.NumberOfIterations, options.ConvergenceTolerance, options.LearningRate, options.L2Regularization ?? 0,
            options.Shuffle, options.Seed ?? 0, _parallel)
        {
            TellsAllSteps = options.EarlyStopping is not null,
        };
        var start = formulation.Start(problems[0], problems[^1], data, _parallel);
        Func<LinearModel, SolverSettings?>? again = null;
        if (options.L2Regularization is null)
            (settings, again) = PenaltyChoice.Choose(problems[^1], data, settings);
        var stopping = options.EarlyStopping is { } early
            ? new EarlyStoppingMonitor(early, data.HeldOut, data.Totals.ClassCount, formulation.Judge, _parallel)
            : null;
        var clock = Stopwatch.StartNew();
        IReadOnlyList<IClassObjective> objectives = [.. problems.Select(problem => problem.Objective)];
        var result = Solve(settings, before: 0);
        // A way that is told, or that ends where the steps do, is gone once.
        if (stopping is null && options.LearningRate is null && result.Converged && again?.Invoke(result.Model) is { } better)
        {
            var left = better with { NumberOfIterations = settings.NumberOfIterations - result.Passes };
            if (left.NumberOfIterations > 0)
                result = Solve(left, result.Passes);
        }

        if (result.ColumnsTooFine > 0)
        {
            options.Log?.Invoke($"{result.ColumnsTooFine} of the features in '{options.FeatureColumnName}' vary by less than about 1e-38, "
                + "too little for single precision: they have weight 0. Multiply them by a constant.");
        }

        // The gap is that of the end: of the model that is kept, if that is as low.
        var (model, objective) = stopping?.Best is { } best ? (best, stopping.BestObjective) : (result.Model, result.Objective);
        var outcome = new FocalSgdOutcome
        {
            L2Regularization = result.Penalty,
            IsL2RegularizationChosen = options.L2Regularization is null,
            Passes = result.Passes,
            StartObjective = result.StartObjective,
            Objective = objective,
            Gap = objective <= result.Objective ? result.Gap : null,
            RowCount = data.RowCount,
            RowsSkipped = data.RowsSkipped,
        };
        options.Log?.Invoke(outcome.ToString());
        options.Completed?.Invoke(outcome);
        return model;

        SolverResult Solve(SolverSettings own, int before)
        {
            var end = Solver.Minimize(
                new RowMatrix(data, _parallel), stopping?.Watched(objectives) ?? objectives, start, own,
                (model, objective, gradientNorm, passes) =>
                {
                    options.Progress?.Report(new()
                    {
                        Iteration = before + passes,
                        Objective = objective,
                        GradientNorm = gradientNorm,
                        RowsPerSecond = (before + passes) * data.RowCount / clock.Elapsed.TotalSeconds,
                    });
                    return stopping?.GoOn(model, objective, passes) ?? true;
                });
            return end with { Passes = before + end.Passes };
        }
    }
}
