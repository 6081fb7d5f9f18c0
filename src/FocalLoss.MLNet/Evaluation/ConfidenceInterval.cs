namespace FocalMlNet;

/// <summary>Where a figure would lie, in most cases, on other data of the same kind.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct ConfidenceInterval(double Low, double High);
