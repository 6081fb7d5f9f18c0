using System.Globalization;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace FocalMlNet.Report;

/// <summary>Shares as areas and bars: scores by class, loss, features; and the cost of the chosen model.</summary>
internal static class BarPictures
{
    private const int Width = 420, Height = 300;
    private static readonly double[] ProbabilityTicks =
        [1e-6, 1e-5, .0001, .001, .01, .1, .5, .9, .99, .999, .9999, .99999, .999999];

    /// <summary>Scores by class: a class as shares of itself, so that the few are seen beside the many.</summary>
    public static Picture Histogram(ModelContent model, int place)
    {
        var (edges, bins) = (model.Histogram.Edges, model.Histogram.Positives.Count);
        var plot = Plots.Empty();
        var (positives, negatives) = (Shares(model.Histogram.Positives), Shares(model.Histogram.Negatives));
        plot.Axes.Add(Plots.Axis(AxisPosition.Bottom, model.HasProbabilities ? "predicted probability" : "score", 0, bins, Ticks()));
        plot.Axes.Add(Plots.UpTo(Math.Max(1e-3, Math.Max(positives.Max(), negatives.Max()))));
        plot.Series.Add(Plots.Area([new(0, 0), new(bins, 0)], Outline(negatives), Ink.Negative));
        plot.Series.Add(Plots.Area([new(0, 0), new(bins, 0)], Outline(positives), Ink.Positive));
        plot.Series.Add(Edge(negatives, Ink.Negative));
        plot.Series.Add(Edge(positives, Ink.Positive));
        return new(
            $"scores-{place + 1}", $"Scores by class: {PlainText.Short(model.Name)}",
            "How the scores of positives and of negatives are distributed, each class as shares of its own rows.",
            "share of the class", plot, Width, Height,
            [new("positives", Ink.Positive, IsArea: true), new("negatives", Ink.Negative, IsArea: true)]);

        static double[] Shares(IReadOnlyList<double> counts)
            => counts.Sum() is > 0 and var all ? [.. counts.Select(c => c / all)] : [.. counts];

        static DataPoint[] Outline(double[] shares)
            => [.. shares.SelectMany((share, b) => new DataPoint[] { new(b, share), new(b + 1, share) })];

        static LineSeries Edge(double[] shares, OxyColor ink)
        {
            LineSeries line = new() { Color = ink, StrokeThickness = 1.6, MinimumSegmentLength = 0 };
            line.Points.AddRange(Outline(shares));
            return line;
        }

        List<(double, string)> Ticks()
        {
            if (model.HasProbabilities)
            {
                var between = ProbabilityTicks.Where(p => p > edges[1] && p < edges[bins - 1])
                    .Select(p => (Place(p), p.ToString("0.######", CultureInfo.InvariantCulture))).ToList();
                // Labels that would touch: every other one goes.
                return Spread(between, bins / 7.0);
            }

            return [.. Enumerable.Range(0, 5).Select(i => (bins * i / 4.0, Short(edges[0] + (edges[bins] - edges[0]) * i / 4)))];
        }

        double Place(double p)
        {
            var b = Enumerable.Range(1, bins).First(i => edges[i] >= p);
            var (low, high) = (Scale.Logit.Place(edges[b - 1]), Scale.Logit.Place(edges[b]));
            return b - 1 + (Scale.Logit.Place(p) - low) / (high - low);
        }
    }

    /// <summary>What share of the loss rows have, from those that the model is wrong about to those that it is sure of.</summary>
    public static Picture LossShare(LossShareContent loss)
    {
        var plot = Plots.Empty();
        var bins = loss.Bins.Count;
        plot.Axes.Add(Plots.Axis(AxisPosition.Bottom, "predicted probability of the row's own class", 0, bins,
            [.. loss.Bins.Select((bin, b) => (b + .5, Narrow(bin)))]));
        plot.Axes[0].FontSize = 11;
        plot.Axes[0].TickStyle = TickStyle.None;
        plot.Axes.Add(Plots.UpTo(Math.Max(loss.Rows.Max(), loss.Shares.Max(shares => shares.Max()))));
        Add(loss.Rows, 0, Ink.Negative);
        for (var k = 0; k < loss.Shares.Count; k++)
            Add(loss.Shares[k], k + 1, Ink.Shade(k));
        return new("loss-share", "Where the loss is",
            "The share of rows, and of the whole loss, by the probability that the model gives a row's own class: hard rows left, easy "
            + "ones right.", "share", plot, Width, Height, [
                new("of the rows", Ink.Negative, IsArea: true),
                .. loss.Gammas.Select((gamma, k) => new LegendEntry(
                    gamma == 0 ? "of the log-loss (γ = 0)" : $"of the focal loss (γ = {Short(gamma)})", Ink.Shade(k), IsArea: true))]);

        // As there is room for on a phone.
        static string Narrow(string bin) => bin.Replace(" to ", "–", StringComparison.Ordinal)
            .Replace("below ", "<", StringComparison.Ordinal).Replace("above ", ">", StringComparison.Ordinal);

        void Add(IReadOnlyList<double> shares, int place, OxyColor ink)
        {
            var each = .8 / (loss.Shares.Count + 1);
            RectangleBarSeries bars = new() { FillColor = ink, StrokeThickness = 0 };
            for (var b = 0; b < bins; b++)
                bars.Items.Add(new(b + .1 + place * each, 0, b + .1 + (place + .92) * each, shares[b]));
            plot.Series.Add(bars);
        }
    }

    /// <summary>Features as bars; null without any.</summary>
    public static Picture? Features(FeatureContent features)
    {
        if (features.Values.Count == 0)
            return null;
        const int rowHeight = 20;
        var plot = Plots.Empty();
        var shown = features.Values;
        var (least, most) = (Math.Min(0, shown.Min(v => v.Value)), Math.Max(0, shown.Max(v => v.Value)));
        if (least == most)
            most = 1;
        plot.PlotMargins = new(190, 26, 30, 30);
        plot.Axes.Add(Plots.Axis(AxisPosition.Bottom, null, least, most, Plots.RoundTicks(least, most)));
        plot.Axes.Add(Plots.Axis(AxisPosition.Left, null, 0, shown.Count,
            [.. shown.Select((v, i) => (shown.Count - i - .5, PlainText.Short(v.Key, 28)))]));
        plot.Axes[1].MajorGridlineStyle = LineStyle.None;
        // As in the page: what speaks against has another colour.
        foreach (var (negative, ink) in new[] { (false, Ink.Shade(0)), (true, Ink.Shade(1)) })
        {
            RectangleBarSeries bars = new() { FillColor = ink, StrokeThickness = 0 };
            foreach (var (v, i) in shown.Select((v, i) => (v, i)).Where(bar => bar.v.Value < 0 == negative))
                bars.Items.Add(new(0, shown.Count - i - .15, v.Value, shown.Count - i - .85));
            plot.Series.Add(bars);
        }

        return new(
            "features", "What the model looks at", features.Kind, "", plot, Width + 140, 56 + rowHeight * shown.Count, []);
    }

    /// <summary>The expected cost of a model by its threshold, for the costs that the page begins with.</summary>
    public static Picture? Cost(ReportContent content, ModelContent model)
    {
        if (model.Steps.Count < 2)
            return null;
        var scale = model.HasProbabilities ? Scale.Logit : Scale.Linear;
        var points = model.Steps.Select(step => new DataPoint(scale.Place(step.Threshold), CostOf(step))).ToArray();
        double least = points.Min(p => p.Y), most = points.Max(p => p.Y);
        var doingNothing = CostOf(new(0, 0, 0));
        // What is far more than doing nothing need not be seen.
        most = Math.Min(most, Math.Max(doingNothing, least) + 2 * Math.Abs(doingNothing - least) + 1e-9);
        var (from, to) = (points.Min(p => p.X), points.Max(p => p.X));
        if (from == to || least >= most)
            return null;
        var plot = Plots.Empty();
        plot.Axes.Add(Plots.Axis(AxisPosition.Bottom, "threshold", from, to, model.HasProbabilities
            ? Spread([.. ProbabilityTicks.Select(p => (scale.Place(p), p.ToString("0.######", CultureInfo.InvariantCulture)))
                .Where(tick => tick.Item1 >= from && tick.Item1 <= to)], (to - from) / 7)
            : Plots.RoundTicks(from, to)));
        plot.Axes.Add(Plots.Axis(AxisPosition.Left, null, least - .06 * (most - least), most, Plots.RoundTicks(least, most)));
        plot.Series.Add(Plots.Reference(new DataPoint(from, doingNothing), new DataPoint(to, doingNothing)));
        plot.Series.Add(Plots.Line(points, content.Chosen, true, plot, Width));
        return new("cost", "Expected cost by threshold",
            "What 1,000 rows cost on average for each threshold, for the costs that the page begins with. Lower is better.",
            "cost per 1,000 rows", plot, Width, Height,
            [new(model.Name, Ink.Line(content.Chosen), IsThick: true), Plots.ReferenceEntry("no alert at all")]);

        double CostOf(StepContent step)
        {
            var ((tp, fp, fn, tn), found, falseAlerts) = (content.Costs, step.TruePositives, step.FalsePositives);
            return -1000 / (content.Positives + content.Negatives)
                * (tp * found + fp * falseAlerts + fn * (content.Positives - found) + tn * (content.Negatives - falseAlerts));
        }
    }

    /// <summary>Leaves out the ticks that would come too near to another.</summary>
    private static List<(double Place, string Label)> Spread(List<(double Place, string Label)> ticks, double least)
    {
        var middle = ticks.FindIndex(tick => tick.Label is "0.5");
        List<(double Place, string Label)> kept = middle < 0 ? [] : [ticks[middle]];
        var byWorth = ticks.OrderByDescending(tick => tick.Label is "0.01" or "0.99" or "0.0001" or "0.9999").ThenBy(tick => tick.Place);
        foreach (var tick in byWorth)
        {
            if (kept.TrueForAll(other => Math.Abs(other.Place - tick.Place) >= least))
                kept.Add(tick);
        }

        return [.. kept.OrderBy(tick => tick.Place)];
    }

    private static string Short(double value) => value.ToString("G3", CultureInfo.InvariantCulture);
}
