namespace FocalMlNet.Optimization;

/// <summary>Where second derivatives are worth what they cost, and in how many rows they are taken.</summary>
internal static class CurvatureCost
{
    /// <summary>Up to this many features there are second derivatives at all.</summary>
    public const int MostColumns = 512;

    /// <summary>Numbers in the second derivatives of all outputs at most.</summary>
    private const long MostNumbers = 1 << 22;

    /// <summary>
    /// Coupled outputs with up to so many coefficients in all take Newton steps, if they are not too many: what is between two of them
    /// grows with the square of their number, and with 64 outputs of 8 coefficients took five times as long as all that quasi-Newton steps
    /// did.
    /// </summary>
    private const int MostCoupledSize = 512;
    private const int MostCoupledOutputs = 32;

    /// <summary>Rows for a second derivative: about so many multiplications, and within bounds.</summary>
    private const double Operations = 1e8;
    private const int FewestRows = 1 << 12;
    private const int MostRows = 1 << 14;

    /// <summary>As long as there are as many as an output has coordinates.</summary>
    private const double MostOperations = 8e8;

    /// <summary>
    /// Rows that are drawn for products with a second derivative that has no matrix: with a quarter of them 1,000 outputs took twice as
    /// many passes.
    /// </summary>
    public const int RowsOfProducts = 1 << 14;

    /// <summary>Whether the second derivatives of all outputs are not too large.</summary>
    private static bool HasMatrices(int columnCount, int outputCount)
        => columnCount <= MostColumns && (columnCount + 1L) * (columnCount + 1L) * outputCount <= MostNumbers;

    /// <summary>Whether Newton steps are taken, which <see cref="PenaltyMinima"/> consist of.</summary>
    public static bool AllowsNewtonSteps(int columnCount, IObjective objective)
        => columnCount <= MostColumns && (objective.IsCoupled
            ? (columnCount + 1L) * objective.OutputCount <= MostCoupledSize && objective.OutputCount <= MostCoupledOutputs
            : HasMatrices(columnCount, objective.OutputCount));

    /// <summary>Rows that are drawn for a second derivative.</summary>
    /// <param name="stride">Coordinates of an output.</param>
    /// <param name="outputCount">Number of outputs.</param>
    /// <param name="isCoupled">Whether what is between two outputs is taken too.</param>
    public static int Rows(int stride, int outputCount, bool isCoupled)
    {
        var perRow = SampledCurvature.Operations(stride, outputCount, isCoupled);
        return (int)Math.Clamp(Operations / perRow, Math.Clamp(MostOperations / perRow, stride, FewestRows), MostRows);
    }

    /// <summary>The same for <see cref="PenaltyMinima"/>, on which less depends.</summary>
    public static int RowsOfPath(int stride, int outputCount, bool isCoupled)
        => Math.Min(FewestRows, Rows(stride, outputCount, isCoupled) / 2);
}
