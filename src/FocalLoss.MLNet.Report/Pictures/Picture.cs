using OxyPlot;

namespace FocalMlNet.Report;

/// <summary>A picture of the page, which is a file for documents too.</summary>
/// <param name="Name">What its file is called.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Description">What can be read in it, for those who do not see it.</param>
/// <param name="Up">What the upright axis means; empty if that need not be said.</param>
/// <param name="Plot">What is drawn.</param>
/// <param name="Width">The width that its text is made for, in pixels.</param>
/// <param name="Height">The height.</param>
/// <param name="Legend">What is what.</param>
internal sealed record Picture(
    string Name, string Title, string Description, string Up, PlotModel Plot, int Width, int Height, IReadOnlyList<LegendEntry> Legend)
{
    /// <summary>How its axis across is stretched.</summary>
    public Scale Across { get; init; }
}

/// <summary>A line or an area and what it is.</summary>
internal sealed record LegendEntry(string Label, OxyColor Ink, double[]? Dashes = null, bool IsArea = false, bool IsThick = false);
