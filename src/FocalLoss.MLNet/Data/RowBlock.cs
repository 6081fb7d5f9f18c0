using Microsoft.ML.Data;

namespace FocalMlNet.Data;

/// <summary>
/// Some consecutive rows of the training data: features, labels and example weights. A block is small enough to stay in the cache while
/// its scores and its gradient are computed, so that a pass over the data reads memory once.
/// </summary>
internal abstract class RowBlock(int columnCount, float[] labels, float[] weights)
{
    /// <summary>The most rows a block has.</summary>
    public const int MaxRowCount = 512;

    public int RowCount => labels.Length;

    public int ColumnCount => columnCount;

    /// <summary>Memory the block takes.</summary>
    public virtual long Bytes => 8L * labels.Length;

    /// <summary>Stored feature values.</summary>
    public abstract int EntryCount { get; }

    /// <summary>1 for the positive class, 0 for the negative.</summary>
    public ReadOnlySpan<float> Labels => labels;

    /// <summary>Example weights.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>scores[i] = offset + Σ_j coefficients[j] x[i, j] for all rows.</summary>
    public abstract void Scores(ReadOnlySpan<float> coefficients, float offset, Span<float> scores);

    /// <summary>gradient[j] += Σ_i slopes[i] x[i, j].</summary>
    public abstract void AddGradient(ReadOnlySpan<float> slopes, Span<double> gradient);

    /// <summary>Per column Σ_i shares[i] (x[i, j] - shifts[j]) and Σ_i shares[i] (x[i, j] - shifts[j])².</summary>
    public abstract void AddMoments(ReadOnlySpan<float> shares, ReadOnlySpan<float> shifts, Span<double> sums, Span<double> squares);

    /// <summary>Writes row i to <paramref name="row"/>.</summary>
    public abstract void CopyRow(int i, Span<float> row);

    /// <summary>Writes row i to <paramref name="row"/>, sparse if the block is.</summary>
    public abstract void GetRow(int i, ref VBuffer<float> row);

    /// <summary>How many rows of <paramref name="columnCount"/> features a block should have: at most 256 KiB of them.</summary>
    public static int RowCountFor(int columnCount) => Math.Clamp((1 << 16) / Math.Max(1, columnCount) / 16 * 16, 64, MaxRowCount);
}
