
using Microsoft.ML;

namespace FocalMlNet;

/// <summary>Two lazy views of the same data that have no row in common and together have all.</summary>
/// <param name="TrainSet">The rows to train on.</param>
/// <param name="TestSet">The rows to test on.</param>
public readonly record struct StratifiedSplit(IDataView TrainSet, IDataView TestSet);
