using Microsoft.ML;

namespace FocalMlNet;

/// <summary>Two lazy views of the same data; all rows of the first are older than those of the second. Some may be in neither.</summary>
/// <param name="TrainSet">The rows to train on.</param>
/// <param name="TestSet">The rows to test on.</param>
public readonly record struct TimeOrderedSplit(IDataView TrainSet, IDataView TestSet);
