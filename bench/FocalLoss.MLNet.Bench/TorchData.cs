using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Bench;

/// <summary>A dense view as the matrix that PyTorch gets, and the objective of any weights on it, in double precision.</summary>
internal sealed class TorchData(float[] features, float[] labels, int columnCount)
{
    public int RowCount => labels.Length;

    public int ColumnCount => columnCount;

    public long PositiveCount { get; } = labels.LongCount(label => label > 0);

    public static TorchData Of(IDataView view)
    {
        List<float> features = [], labels = [];
        LinearFit.ForEach(view, (bool label, in VBuffer<float> row) =>
        {
            features.AddRange(row.GetValues());
            labels.Add(label ? 1 : 0);
        });
        return new([.. features], [.. labels], ((VectorDataViewType)view.Schema["Features"].Type).Size);
    }

    /// <summary>Writes features, row after row, and then labels.</summary>
    public void Write(string file)
    {
        using var stream = File.Create(file);
        stream.Write(MemoryMarshal.AsBytes(features.AsSpan()));
        stream.Write(MemoryMarshal.AsBytes(labels.AsSpan()));
    }

    public double Objective(LinearModelParameters model) => Objective([.. model.Weights, model.Bias]);

    /// <summary>The mean focal loss, γ = 2, and the penalty.</summary>
    /// <param name="point">Weights and bias.</param>
    public double Objective(float[] point)
    {
        const int Chunks = 64;
        var loss = new FocalLoss();
        var sums = new double[Chunks];
        Parallel.For(0, Chunks, chunk =>
        {
            for (var i = (int)((long)RowCount * chunk / Chunks); i < (int)((long)RowCount * (chunk + 1) / Chunks); i++)
            {
                var row = features.AsSpan(i * columnCount, columnCount);
                double score = point[^1];
                for (var j = 0; j < row.Length; j++)
                    score += (double)point[j] * row[j];
                sums[chunk] += loss.ExactLoss(score, labels[i]);
            }
        });
        return sums.Sum() / RowCount + LinearFit.GivenL2 / 2 * point[..^1].Sum(w => (double)w * w);
    }
}
