using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace FocalMlNet.Report;

/// <summary>What all pictures have in common.</summary>
internal static class Plots
{
    public const double FontSize = 12.5;
    private static readonly OxyThickness Margins = new(46, 26, 26, 46);

    /// <summary>Dashes of the models that are not the chosen one, so that lines differ without their colours too.</summary>
    private static readonly double[][] Dashes = [[6, 2.5], [2, 2], [9, 2.5, 2, 2.5], [12, 3], [5, 2, 2, 2, 2, 2]];

    public static PlotModel Empty() => new()
    {
        PlotMargins = Margins,
        Padding = new(0),
        PlotAreaBorderThickness = new(0),
        DefaultFontSize = FontSize,
        TextColor = Ink.Soft,
    };

    public static Axis Axis(AxisPosition position, string? title, double from, double to, IReadOnlyList<(double Place, string Label)> ticks)
        => new TickAxis(ticks)
        {
            Position = position,
            Title = title,
            TitleColor = Ink.Soft,
            TextColor = Ink.Soft,
            Minimum = from,
            Maximum = to,
            TickStyle = position is AxisPosition.Bottom ? TickStyle.Outside : TickStyle.None,
            TicklineColor = Ink.Axis,
            MajorTickSize = 4,
            AxisTickToLabelDistance = 3,
            AxisTitleDistance = 15,
            MajorGridlineStyle = position is AxisPosition.Left ? LineStyle.Solid : LineStyle.None,
            MajorGridlineColor = Ink.Grid,
            AxislineStyle = position is AxisPosition.Bottom ? LineStyle.Solid : LineStyle.None,
            AxislineColor = Ink.Axis,
        };

    /// <summary>The share of 0 to 100 %, stretched or not.</summary>
    public static Axis ShareAxis(AxisPosition position, string? title, Scale scale, double from = 0)
    {
        double[] shares = scale switch
        {
            Scale.Log => [.. Enumerable.Range(0, 9).Select(i => Math.Pow(10, -i)).Where(share => share >= from * (1 - 1e-9))],
            Scale.Root => [0, .01, .05, .1, .25, .5, .75, 1],
            _ => [0, .2, .4, .6, .8, 1],
        };
        return Axis(position, title, scale.Place(from), scale.Place(1), [.. shares.Select(share => (scale.Place(share), Percent(share)))]);
    }

    /// <summary>About four round numbers between two others, with the places they need.</summary>
    public static List<(double Place, string Label)> RoundTicks(double low, double high)
    {
        var raw = (high - low) / 4;
        var size = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var unit = size * (raw / size < 1.5 ? 1 : raw / size < 3.5 ? 2 : raw / size < 7.5 ? 5 : 10);
        var places = (int)Math.Clamp(-Math.Floor(Math.Log10(unit) + 1e-9), 0, 9);
        List<(double, string)> ticks = [];
        for (var i = Math.Ceiling(low / unit - 1e-9); i * unit <= high + 1e-9 * unit; i++)
            ticks.Add((i * unit, (i * unit).ToString("N" + places, CultureInfo.InvariantCulture).Replace('-', '−')));
        return ticks;
    }

    /// <summary>Round numbers from 0 to about a largest share.</summary>
    public static Axis UpTo(double largest)
    {
        var step = Math.Pow(10, Math.Floor(Math.Log10(largest)));
        step = largest / step < 1.5 ? step / 4 : largest / step < 3 ? step / 2 : largest / step < 7 ? step : 2 * step;
        var end = step * Math.Ceiling(largest / step);
        return Axis(AxisPosition.Left, null, 0, end,
            [.. Enumerable.Range(0, (int)Math.Round(end / step) + 1).Select(i => (i * step, Percent(i * step)))]);
    }

    /// <summary>A line of a model, of which no visible point is left out.</summary>
    public static LineSeries Line(IEnumerable<DataPoint> points, int model, bool isChosen, PlotModel plot, double pixels)
    {
        LineSeries line = new()
        {
            Color = Ink.Line(model),
            StrokeThickness = isChosen ? 2.6 : 1.8,
            Dashes = DashesOf(model, isChosen),
            LineJoin = LineJoin.Round,
            MinimumSegmentLength = 0,
        };
        line.Points.AddRange(Thinned([.. points], plot, pixels));
        return line;
    }

    public static double[]? DashesOf(int model, bool isChosen) => isChosen ? null : Dashes[model % Dashes.Length];

    /// <summary>The line that knows nothing.</summary>
    public static LineSeries Reference(params IEnumerable<DataPoint> points)
    {
        LineSeries line = new() { Color = Ink.Axis, StrokeThickness = 1, Dashes = [1, 3], MinimumSegmentLength = 0 };
        line.Points.AddRange(points);
        return line;
    }

    public static LegendEntry ReferenceEntry(string label) => new(label, Ink.Axis, [1, 3]);

    /// <summary>An area between two lines.</summary>
    public static AreaSeries Area(IEnumerable<DataPoint> low, IEnumerable<DataPoint> high, OxyColor ink)
    {
        AreaSeries area = new() { Fill = ink, Color = ink, StrokeThickness = 0, Color2 = ink, MinimumSegmentLength = 0 };
        area.Points.AddRange(low);
        area.Points2.AddRange(high);
        return area;
    }

    public static string Percent(double share)
        => (Math.Round(share * 100, 8)).ToString("0.######", CultureInfo.InvariantCulture) + " %";

    /// <summary>Points that are needed to within a seventh of a pixel.</summary>
    private static IEnumerable<DataPoint> Thinned(DataPoint[] points, PlotModel plot, double pixels)
    {
        if (points.Length < 3)
            return points;
        var (x, y) = (plot.Axes[0], plot.Axes[1]);
        var (perX, perY) = (pixels / (x.Maximum - x.Minimum), pixels / (y.Maximum - y.Minimum));
        var needed = new bool[points.Length];
        Thinning.Mark(i => points[i].X * perX, i => points[i].Y * perY, needed, .15);
        return points.Where((_, i) => needed[i]);
    }
}
