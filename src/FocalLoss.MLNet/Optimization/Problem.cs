using System.Numerics.Tensors;
using FocalMlNet.Matrix;

namespace FocalMlNet.Optimization;

/// <summary>What is minimised over which rows, in which coordinates: what all ways to the minimum have in common.</summary>
internal sealed class Problem
{
    /// <summary>Second derivatives may be taken in all of so many rows with so many values; of more, half as many stand for them.</summary>
    private const int MostRowsAtOnce = 1 << 16;
    private const int MostEntriesAtOnce = 1 << 24;
    private const int MostSampleRows = 1 << 15;

    /// <summary>Fewer, if they have more values than this; but not fewer than that, or for each column.</summary>
    private const int MostEntries = 1 << 21;
    private const int FewestRows = 4096;
    private const int FewestRowsPerColumn = 8;

    /// <summary>
    /// With many columns a coordinate's unit is the standard deviation divided by the 4th root of the column's density: half way between
    /// features as given and standardised ones, as the steps of adaptive gradients are (Duchi, Hazan and Singer 2011). In standardised ones
    /// a column that few rows have goes as far in a step as any other, and those of a row overshoot together.
    /// </summary>
    private const double WidePower = .25;

    private readonly DataPass _pass;
    private readonly Lazy<IReadOnlyList<RowBlock>> _candidates;

    /// <param name="data">The rows.</param>
    /// <param name="objectives">What is minimised: the last one, those before it on the way.</param>
    /// <param name="settings">The settings.</param>
    public Problem(TrainingData data, IReadOnlyList<IObjective> objectives, SolverSettings settings)
    {
        (Data, Objectives, Settings) = (data, objectives, settings);
        Labels = Final.Of(data);
        _pass = new DataPass(data, Final.OutputCount, settings.Parallel);
        IsWide = data.ColumnCount > CurvatureCost.MostColumns;
        TakesNewtonSteps = settings.LearningRate is null && CurvatureCost.AllowsNewtonSteps(data.ColumnCount, Final);
        (Scaling, var spread) = Standardised();
        // The same ones whether the data is in memory or not.
        _candidates = new(() => HasMoreThanCandidates ? Sample(Labels, settings.Seed).DrawOnce(data.Blocks, SampleRows) : data.Loaded);
        if (TakesNewtonSteps)
        {
            Scaling = RobustScale.Corrected(Scaling, Candidates, settings.Parallel);
            spread = 0;
            foreach (var perUnit in Scaling.Scale)
                spread += perUnit == 0 ? 0 : 1 / (perUnit * perUnit);
        }

        Penalty = settings.L2Regularization * (settings.IsPenaltyPerSpread ? spread : 1);
    }

    public TrainingData Data { get; }

    public IReadOnlyList<IObjective> Objectives { get; }

    public SolverSettings Settings { get; }

    /// <summary>What is minimised in the end.</summary>
    public IObjective Final => Objectives[^1];

    /// <summary>What it tells of the rows by their labels.</summary>
    public ILabelSummary Labels { get; }

    public Scaling Scaling { get; }

    /// <summary>λ.</summary>
    public double Penalty { get; }

    /// <summary>Columns that vary, but by less than single precision can tell: they count as constant.</summary>
    public int ColumnsTooFine { get; private set; }

    /// <summary>Whether there are too many columns for a matrix.</summary>
    public bool IsWide { get; }

    public bool TakesNewtonSteps { get; }

    /// <summary>The rows in which second derivatives are taken: all, or some that stand for all.</summary>
    public IReadOnlyList<RowBlock> Candidates => _candidates.Value;

    /// <summary>Whether <see cref="Candidates"/> are not all rows.</summary>
    public bool HasMoreThanCandidates => Data.RowCount > SampleRows && (Data.RowCount > MostRowsAtOnce || Data.EntryCount > MostEntriesAtOnce);

    /// <summary>Rows of which a copy may be made.</summary>
    public int RowsAtOnce => AtMost(MostRowsAtOnce);

    /// <summary>Rows that stand for all.</summary>
    public int SampleRows
        => Math.Max(AtMost(MostSampleRows), (int)Math.Min(Data.RowCount, Math.Min(MostSampleRows, FewestRowsPerColumn * (long)Data.ColumnCount)));

    /// <summary>An objective of all rows.</summary>
    public ScaledObjective Of(IObjective objective) => Of(objective, Penalty);

    /// <summary>The same with another penalty.</summary>
    public ScaledObjective Of(IObjective objective, double penalty) => new(objective, _pass, Labels.Weight, Scaling, penalty);

    /// <summary>An objective of some rows that are in memory.</summary>
    /// <param name="objective">The objective.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="weight">What the sums over them are divided by.</param>
    public ScaledObjective Of(IObjective objective, TrainingData rows, double weight)
        => new(objective, new DataPass(rows, Final.OutputCount, Settings.Parallel), weight, Scaling, Penalty);

    /// <summary>Rows that are drawn for the second derivative of a Newton step.</summary>
    public int CurvatureRows => CurvatureCost.Rows(Scaling.Stride, Scaling.OutputCount, Final.IsCoupled);

    /// <summary>Second derivatives in so many of some rows.</summary>
    public SampledCurvature Curvature(IReadOnlyList<RowBlock> rows, double count)
        => new(rows, count, Scaling, Final.IsCoupled, Settings.Parallel);

    /// <summary>Draws rows, so that they stand for all in second derivatives.</summary>
    public LeverageSample Sample(ILabelSummary labels, int seed) => new(labels, Scaling, new Random(seed), Settings.Parallel);

    /// <summary>The value of the last objective where training starts.</summary>
    public double StartValue(double[] start)
    {
        var model = Scaling.Unscaled(start);
        return model.IsConstant ? Labels.MeanLoss(model.Offsets) : Of(Final).Evaluate(start, new double[start.Length]);
    }

    /// <summary>For each output the mean second derivative of the losses with respect to their score, those below 0 as 0.</summary>
    public double[] MeanCurvatures(ScaledObjective objective, double[] at)
    {
        var model = Scaling.Unscaled(at);
        return model.IsConstant ? objective.Loss.Of(Data).MeanCurvatures(model.Offsets) : objective.MeanCurvatures(at);
    }

    /// <summary>The end of a run or, if that is above it, the start.</summary>
    public SolverResult Result(double[] point, double value, double[] start, double startValue, int passes, double? gap)
        => value <= startValue
            ? new(Scaling.Unscaled(point), value, startValue, passes, gap, Penalty, ColumnsTooFine)
            : new(Scaling.Unscaled(start), startValue, startValue, passes, null, Penalty, ColumnsTooFine);

    /// <summary>Coordinates around the means in units of the deviations, and the sum of the variances.</summary>
    private (Scaling Scaling, double Spread) Standardised()
    {
        var (mean, scale, density) =
            (new double[Data.ColumnCount], new double[Data.ColumnCount], new double[IsWide ? Data.ColumnCount : 0]);
        // A row without weight says nothing of the scale, however far out it lies.
        _pass.Moments(
            (label, weight) => Labels.RelativeWeight(label, weight) is > 0 and var own ? (float)((1 + own) / 2) : 0, mean, variance: scale,
            density);
        var spread = TensorPrimitives.Sum<double>(scale);
        for (var j = 0; j < scale.Length; j++)
        {
            var deviation = Math.Sqrt(scale[j]);
            scale[j] = (IsWide ? Math.Pow(density[j], WidePower) : 1) / deviation;
            // No deviation, or one that is too small for single precision.
            if (float.IsFinite((float)scale[j]))
                continue;
            ColumnsTooFine += deviation > 0 ? 1 : 0;
            scale[j] = 0;
        }

        return (new Scaling(mean, scale, Final.OutputCount), spread);
    }

    /// <summary>So many rows, or as many as have not too many values.</summary>
    private int AtMost(int mostRows)
    {
        var entriesPerRow = Math.Max(1, Data.EntryCount / (double)Data.RowCount);
        return (int)Math.Min(Data.RowCount, Math.Clamp(MostEntries / entriesPerRow, FewestRows, mostRows));
    }
}
