using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace FocalMlNet.Report;

/// <summary>Each class as a line of dots, one for each model, with their intervals.</summary>
internal static class ClassPicture
{
    private const int Width = 440, NameRoom = 132, NameLength = 15, LeastHeight = 26, DotHeight = 9;

    /// <summary>The pictures of the page as files: name and SVG.</summary>
    public static IEnumerable<(string Name, string Svg)> Of(ClassReportContent content)
        => Dots(content) is { } dots ? [(dots.Name, PictureSvg.File(dots))] : [];

    /// <summary>The average precision of each class; null without classes.</summary>
    public static Picture? Dots(ClassReportContent content)
    {
        var (classes, models) = (content.Dots.Classes, content.Models.Count);
        if (classes.Count == 0)
            return null;
        var each = Math.Max(LeastHeight, DotHeight * (models + 1));
        var plot = Plots.Empty();
        plot.PlotMargins = new(NameRoom, 8, 28, 46);
        var across = Plots.ShareAxis(AxisPosition.Bottom, "average precision of the class", Scale.Linear);
        across.MajorGridlineStyle = LineStyle.Solid;
        plot.Axes.Add(across);
        plot.Axes.Add(Plots.Axis(AxisPosition.Left, null, 0, classes.Count,
            [.. classes.Select((name, k) => (classes.Count - k - .5, Fitting(name)))]));
        plot.Axes[1].MajorGridlineStyle = LineStyle.None;
        for (var m = 0; m < models; m++)
        {
            LineSeries whiskers = new() { Color = Ink.Line(m), StrokeThickness = 1.4, MinimumSegmentLength = 0 };
            ScatterSeries dots = new()
            {
                MarkerType = MarkerType.Circle,
                MarkerSize = m == content.Chosen ? 4.2 : 3,
                MarkerFill = Ink.Line(m),
            };
            for (var k = 0; k < classes.Count; k++)
            {
                var figure = content.Dots.Values[m][k];
                if (double.IsNaN(figure.Value))
                    continue;
                // The first model above the others, as in the legend.
                var y = classes.Count - k - (m + 1.0) / (models + 1);
                if (!double.IsNaN(figure.Low))
                    whiskers.Points.AddRange([new(figure.Low, y), new(figure.High, y), DataPoint.Undefined]);
                dots.Points.Add(new(figure.Value, y));
            }

            plot.Series.Add(whiskers);
            plot.Series.Add(dots);
        }

        return new("class-average-precision", "Average precision of each class",
            "For each class, the rarest first, the average precision of each model with its interval. Further right is better.", "", plot,
            Width, 54 + each * classes.Count,
            [.. content.Models.Select((model, m) => new LegendEntry(model.Name, Ink.Line(m), IsThick: m == content.Chosen))]);
    }

    /// <summary>The scripts of East Asia, and pictures, are about twice as wide.</summary>
    private static string Fitting(string name) => PlainText.Short(name, name.Any(c => c >= 0x1100) ? NameLength / 2 : NameLength);
}
