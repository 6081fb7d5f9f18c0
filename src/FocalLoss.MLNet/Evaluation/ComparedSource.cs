using Microsoft.ML;

namespace FocalMlNet.Evaluation;

/// <summary>What was compared.</summary>
/// <param name="Data">The rows.</param>
/// <param name="Models">The models, in the order in which they were given.</param>
/// <param name="WeightColumn">The name of the column of example weights, if there is one.</param>
/// <param name="Costs">What each decision brings in, if that was given.</param>
internal sealed record ComparedSource(IDataView Data, IReadOnlyList<ITransformer> Models, string? WeightColumn, CostMatrix? Costs);
