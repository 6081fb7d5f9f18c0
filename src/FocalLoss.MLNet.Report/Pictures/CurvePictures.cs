using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace FocalMlNet.Report;

/// <summary>The curves of all models in one picture each.</summary>
/// <param name="content">What is shown.</param>
/// <param name="banded">The models that get bands.</param>
internal sealed class CurvePictures(ReportContent content, Func<int, bool> banded)
{
    private const int Width = 420, Height = 340;

    /// <summary>Below this share of positives what matters lies near 0, and axes are stretched there.</summary>
    private const double Rare = .1;

    private readonly double _prevalence = content.Positives / (content.Positives + content.Negatives);

    public IEnumerable<Picture> All()
    {
        if (content.Models.Any(model => model.PrecisionRecall.X.Count > 0))
            yield return PrecisionRecall();
        if (content.Models.Any(model => model.Roc.X.Count > 0))
            yield return Roc();
        if (content.Models.Any(model => model.Steps.Count > 0))
            yield return Gain();
        if (content.Models.Any(model => model.Reliability.Count > 0))
            yield return Reliability();
    }

    private Picture PrecisionRecall()
    {
        var plot = Shares("recall: share of the positives that is found", Scale.Linear, Scale.Linear);
        plot.Series.Add(Plots.Reference(new DataPoint(0, _prevalence), new DataPoint(1, _prevalence)));
        AddCurves(plot, model => model.PrecisionRecall, Scale.Linear, 0);
        return Of("precision-recall", "Precision and recall",
            "For each share of the positives that is found, how many of the alerts are right. Higher is better.", "precision",
            plot, "chance");
    }

    private Picture Roc()
    {
        var plot = Shares("false-positive rate: share of the negatives with an alert", Scale.Linear, Scale.Linear);
        plot.Series.Add(Plots.Reference(new DataPoint(0, 0), new DataPoint(1, 1)));
        AddCurves(plot, model => model.Roc, Scale.Linear, 0);
        return Of("roc", "ROC: found positives against false alerts",
            "For each share of the negatives that gets an alert, the share of the positives that is found. Higher is better.", "recall",
            plot, "chance");
    }

    private Picture Gain()
    {
        var scale = _prevalence < Rare ? Scale.Log : Scale.Linear;
        var from = scale is Scale.Log ? Math.Pow(10, Math.Floor(Math.Log10(Math.Max(_prevalence / 20, 1 / (double)content.Rows)))) : 0;
        var plot = Shares("share of all rows that gets an alert", scale, Scale.Linear, from);
        plot.Series.Add(Plots.Reference(Stretched([new(0, 0), new(1, 1)], scale, from)));
        // A curve that loses nothing on a linear axis may do so near 0 on one of powers of ten: there it is made of the steps.
        AddCurves(plot, model => scale is Scale.Linear ? model.Gain : model.Gain with { X = GainX(model), Y = GainY(model) }, scale, from);
        return Of("gain", "Gain: found positives for the work",
            "For each share of all rows that gets an alert, the share of the positives that is found. Higher is better.", "recall", plot,
            "chance")
            with
        { Across = scale };
    }

    private List<double> GainX(ModelContent model)
        => [.. model.Steps.Select(step => (step.TruePositives + step.FalsePositives) / (content.Positives + content.Negatives))];

    private List<double> GainY(ModelContent model) => [.. model.Steps.Select(step => step.TruePositives / content.Positives)];

    private Picture Reliability()
    {
        var scale = _prevalence < Rare ? Scale.Root : Scale.Linear;
        var plot = Shares("predicted probability, mean of a group of rows", scale, scale);
        plot.Series.Add(Plots.Reference(new DataPoint(0, 0), new DataPoint(1, 1)));
        foreach (var i in Order())
        {
            var groups = content.Models[i].Reliability;
            if (banded(i))
            {
                LineSeries whiskers = new() { Color = Ink.Whisker(i), StrokeThickness = 1.4, MinimumSegmentLength = 0 };
                foreach (var group in groups)
                    whiskers.Points.AddRange([At(group.Mean, group.Low), At(group.Mean, group.High), DataPoint.Undefined]);
                plot.Series.Add(whiskers);
            }

            plot.Series.Add(Plots.Line(groups.Select(group => At(group.Mean, group.Share)), i, i == content.Chosen, plot, Width));
            var size = i == content.Chosen ? 3.5 : 2.5;
            ScatterSeries points = new() { MarkerType = MarkerType.Circle, MarkerSize = size, MarkerFill = Ink.Line(i) };
            points.Points.AddRange(groups.Select(group => At(group.Mean, group.Share)).Select(p => new ScatterPoint(p.X, p.Y)));
            plot.Series.Add(points);
        }

        return Of("reliability", "Reliability: do the probabilities come true?",
            "For groups of rows with similar predicted probability, the share that is positive. On the diagonal they are equal; above it "
            + "the model says too little, below it too much.", "share of positives", plot, "as predicted") with
        { Across = scale };

        DataPoint At(double mean, double share) => new(scale.Place(mean), scale.Place(share));
    }

    /// <summary>The chosen model last, on top of the others.</summary>
    private IEnumerable<int> Order() => Enumerable.Range(0, content.Models.Count).OrderBy(i => i == content.Chosen);

    private void AddCurves(PlotModel plot, Func<ModelContent, CurveContent> curveOf, Scale scale, double from)
    {
        var curves = content.Models.Select(curveOf).ToList();
        foreach (var i in Order().Where(banded).Where(i => curves[i].BandX.Count > 1))
        {
            var curve = curves[i];
            plot.Series.Add(Plots.Area(
                Stretched(Points(curve.BandX, curve.Low), scale, from), Stretched(Points(curve.BandX, curve.High), scale, from),
                Ink.Band(i)));
        }

        foreach (var i in Order().Where(i => curves[i].X.Count > 0))
            plot.Series.Add(Plots.Line(Stretched(Points(curves[i].X, curves[i].Y), scale, from), i, i == content.Chosen, plot, Width));
    }

    private static PlotModel Shares(string across, Scale scaleAcross, Scale scaleUp, double from = 0)
    {
        var plot = Plots.Empty();
        plot.Axes.Add(Plots.ShareAxis(AxisPosition.Bottom, across, scaleAcross, from));
        plot.Axes.Add(Plots.ShareAxis(AxisPosition.Left, null, scaleUp));
        return plot;
    }

    private static DataPoint[] Points(IReadOnlyList<double> x, IReadOnlyList<double> y)
        => [.. x.Select((at, i) => new DataPoint(at, y[i]))];

    /// <summary>A line as it is on a stretched axis, on which what was straight is bent.</summary>
    private static List<DataPoint> Stretched(DataPoint[] line, Scale scale, double from)
    {
        if (scale is Scale.Linear)
            return [.. line];
        List<DataPoint> bent = [];
        for (var i = 0; i < line.Length; i++)
        {
            var (to, before) = (line[i], i > 0 ? line[i - 1] : line[i]);
            if (to.X < from)
                continue;
            // Within 2 % each a piece is as good as straight.
            var begin = Math.Max(before.X, from);
            var pieces = Math.Max(1, (int)Math.Ceiling(Math.Log(to.X / begin) / .02));
            for (var k = bent.Count == 0 && before.X < from ? 0 : 1; k <= pieces; k++)
            {
                var x = k == pieces ? to.X : begin * Math.Pow(to.X / begin, k / (double)pieces);
                var way = to.X > before.X ? (x - before.X) / (to.X - before.X) : 1;
                bent.Add(new(scale.Place(x), before.Y + way * (to.Y - before.Y)));
            }
        }

        return bent;
    }

    private Picture Of(string name, string title, string description, string up, PlotModel plot, string reference)
        => new(name, title, description, up, plot, Width, Height,
            [
                .. content.Models.Select((model, i) => new LegendEntry(
                    model.Name, Ink.Line(i), Plots.DashesOf(i, i == content.Chosen), IsThick: i == content.Chosen)),
                Plots.ReferenceEntry(reference),
            ]);
}
