using System.Numerics.Tensors;

namespace FocalMlNet.Optimization;

/// <summary>What is minimised over which rows, in which coordinates: what all ways to the minimum have in common.</summary>
internal sealed class Problem
{
    /// <summary>Second derivatives may be taken in all of so many rows with so many values; of more, half as many stand for them.</summary>
    private const int MostRowsAtOnce = 1 << 16;
    private const int MostEntriesAtOnce = 1 << 24;
    private const int MostSampleRows = 1 << 15;

    /// <summary>Fewer, if they have more values than this; but not fewer than that.</summary>
    private const int MostEntries = 1 << 22;
    private const int FewestRows = 4096;

    /// <summary>
    /// With many columns a coordinate's unit is the standard deviation divided by the 4th root of the column's density: half way between
    /// features as given and standardised ones, as the steps of adaptive gradients are (Duchi, Hazan and Singer 2011). In standardised ones
    /// a column that few rows have goes as far in a step as any other, and those of a row overshoot together.
    /// </summary>
    private const double WidePower = .25;

    /// <summary>
    /// The value of a constant follows from the sums over the labels, that of any other point from one over the rows, in single precision:
    /// of one point they differ by less than this share.
    /// </summary>
    private const double Rounding = 1e-6;

    /// <summary>The weight of a row is at most so many times its curvature on average, unless next to all rows are alike.</summary>
    private const double MostFlat = 1e3;

    private readonly Lazy<RowMatrix> _candidates;

    /// <param name="rows">The rows.</param>
    /// <param name="objectives">What is minimised: the last one, those before it on the way.</param>
    /// <param name="settings">The settings.</param>
    public Problem(ITrainingRows rows, IReadOnlyList<IObjective> objectives, SolverSettings settings)
    {
        (Rows, Objectives, Settings) = (rows, objectives, settings);
        Labels = Final.Of(rows.LabelCounts, rows.LabelWeights);
        IsWide = rows.ColumnCount > CurvatureCost.MostColumns;
        TakesNewtonSteps = settings.LearningRate is null && CurvatureCost.AllowsNewtonSteps(rows.ColumnCount, Final);
        (Scaling, var spread) = Standardised();
        _candidates = new(() =>
        {
            if (!HasMoreThanCandidates)
                return rows.Windows(int.MaxValue).Single();
            var leverage = new Leverage(Labels, Scaling);
            return rows.Draw(leverage, SampleRows / leverage.Total, StartOfDraw(settings.Seed));
        });
        if (TakesNewtonSteps)
        {
            Scaling = RobustScale.Corrected(Scaling, Candidates);
            spread = 0;
            foreach (var perUnit in Scaling.Scale)
                spread += perUnit == 0 ? 0 : 1 / (perUnit * perUnit);
        }

        Penalty = settings.L2Regularization * (settings.IsPenaltyPerSpread ? spread : 1);
    }

    public ITrainingRows Rows { get; }

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
    public RowMatrix Candidates => _candidates.Value;

    /// <summary>Whether <see cref="Candidates"/> are not all rows.</summary>
    public bool HasMoreThanCandidates
        => Labels.RowCount > SampleRows && (Labels.RowCount > MostRowsAtOnce || Rows.EntryCount > MostEntriesAtOnce);

    /// <summary>Rows of which a copy may be made.</summary>
    public int RowsAtOnce => AtMost(MostRowsAtOnce);

    /// <summary>Rows that stand for all.</summary>
    public int SampleRows => AtMost(MostSampleRows);

    /// <summary>An objective of all rows.</summary>
    public ScaledObjective Of(IObjective objective) => Of(objective, Penalty);

    /// <summary>The same with another penalty.</summary>
    public ScaledObjective Of(IObjective objective, double penalty) => new(objective, Rows, Labels.Weight, Scaling, penalty);

    /// <summary>An objective of some rows that were drawn.</summary>
    public ScaledObjective Of(IObjective objective, RowMatrix drawn) => new(objective, drawn, drawn.Weight, Scaling, Penalty);

    /// <summary>Rows that are drawn for the second derivative of a Newton step.</summary>
    public int CurvatureRows => CurvatureCost.Rows(Scaling.Stride, Scaling.OutputCount, Final.IsCoupled);

    /// <summary>Second derivatives in so many of some rows.</summary>
    public SampledCurvature Curvature(RowMatrix rows, double count) => new(rows, count, Scaling, Final.IsCoupled);

    /// <summary>About so many of some rows, which stand for all of them in second derivatives.</summary>
    public RowMatrix Draw(RowMatrix rows, int count) => rows.Draw(
        new Leverage(Final.Of(rows.LabelCounts, rows.LabelWeights), Scaling), count, StartOfDraw(Settings.Seed));

    /// <summary>
    /// Rows in the place of the candidates, near a point: half of them by what they have of the curvature there, which in the end few rows
    /// have, and these may not be among the candidates.
    /// </summary>
    /// <param name="at">The point.</param>
    /// <param name="seed">Seed of the draw.</param>
    public RowMatrix DrawNear(LossAt at, int seed)
    {
        var (leverage, half) = (new Leverage(Labels, Scaling), SampleRows / 2.0);
        var estimate = Candidates.CurvatureTraces(at).Sum(own => own.Sum(trace => (double)trace));
        return Rows.Draw(leverage, half / leverage.Total, StartOfDraw(seed), at, estimate > 0 ? half / estimate : 0);
    }

    /// <summary>The value of the last objective where training starts.</summary>
    public double StartValue(double[] start)
    {
        var model = Scaling.Unscaled(start);
        return model.IsConstant ? Labels.MeanLoss(model.Offsets) : Of(Final).Evaluate(start, new double[start.Length]);
    }

    /// <summary>
    /// The weight of a row in the loss that damping is told in: the mean one, unless all curvature where training starts is far below it,
    /// as where one of two labels has next to no weight. Any step would be too short to be seen then.
    /// </summary>
    public double DampingUnit(double[] start)
    {
        var model = Scaling.Unscaled(start);
        return model.IsConstant ? Math.Min(Labels.MeanFactor, MostFlat * Labels.MeanCurvatures(model.Offsets).Max()) : Labels.MeanFactor;
    }

    /// <summary>For each output the mean second derivative of the losses with respect to their score, those below 0 as 0.</summary>
    public double[] MeanCurvatures(ScaledObjective objective, double[] at)
    {
        var model = Scaling.Unscaled(at);
        return model.IsConstant ? objective.Loss.Of(Rows.LabelCounts, Rows.LabelWeights).MeanCurvatures(model.Offsets)
            : objective.MeanCurvatures(at);
    }

    /// <summary>
    /// The end of a run or, if that is above it, the start. Where no more than rounding is between them, what was found of the gap holds
    /// for the start, too.
    /// </summary>
    public SolverResult Result(double[] point, double value, double[] start, double startValue, int passes, double? gap)
        => value <= startValue
            ? new(Scaling.Unscaled(point), value, startValue, passes, gap, Penalty, ColumnsTooFine)
            : new(Scaling.Unscaled(start), startValue, startValue, passes, value <= startValue * (1 + Rounding) ? gap : null, Penalty,
                ColumnsTooFine);

    /// <summary>Coordinates around the means in units of the deviations, and the sum of the variances.</summary>
    private (Scaling Scaling, double Spread) Standardised()
    {
        var (_, mean, scale, density) = Rows.Moments(Labels.RelativeWeights, withDensity: IsWide);
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

    private static double StartOfDraw(int seed) => new Random(seed).NextDouble();

    /// <summary>So many rows, or as many as have not too many values.</summary>
    private int AtMost(int mostRows)
    {
        var entriesPerRow = Math.Max(1, Rows.EntryCount / (double)Labels.RowCount);
        return (int)Math.Min(Labels.RowCount, Math.Clamp(MostEntries / entriesPerRow, FewestRows, mostRows));
    }
}
