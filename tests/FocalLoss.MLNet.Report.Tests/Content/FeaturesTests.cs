using FocalMlNet.Evaluation;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Trainers;

namespace FocalMlNet.Report.Tests.Content;

public class FeaturesTests
{
    private static readonly BinaryClassificationCatalog Catalog = DrawnRows.MlContext.BinaryClassification;
    private static readonly DrawnRow[] Rows = DrawnRows.Of(2000, .2, 1);

    [Fact]
    public void Of_a_line_they_are_weight_times_spread_on_these_rows_by_the_names_of_the_columns()
    {
        var test = DrawnRows.Of(1000, .2, 2);
        var model = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(Rows));
        var content = Features(model, test);
        var weights = model.LastTransformer.Model.SubModel.Weights;
        double[] expected =
            [Spread(row => row.Near) * weights[0], Spread(row => row.Far) * weights[1], Spread(row => row.Noise) * weights[2]];
        Assert.Equal(["Near", "Far", "Noise"], content.Values.Select(one => one.Key));
        Assert.Equal(expected, content.Values.Select(one => one.Value), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.Contains("log-odds", content.Kind, StringComparison.Ordinal);

        double Spread(Func<DrawnRow, double> of) => Math.Sqrt(test.Average(row => of(row) * of(row)) - Math.Pow(test.Average(of), 2));
    }

    [Fact]
    public void Of_a_calibrated_line_they_are_in_log_odds_whatever_the_scale_of_its_score()
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.LinearSvm())
            .Append(Catalog.Calibrators.Platt()).Fit(DrawnRows.View(Rows));
        // The calibrator is a step of its own, whose probability is 1 / (1 + exp(slope · score + offset)).
        var content = Features(model, Rows);
        var slope = ((ISingleFeaturePredictionTransformer<PlattCalibrator>)model.Last()).Model.Slope;
        var weight = ((ISingleFeaturePredictionTransformer<LinearBinaryModelParameters>)model.ElementAt(1)).Model.Weights[0];
        var spread = Math.Sqrt(Rows.Average(row => row.Near * row.Near) - Math.Pow(Rows.Average(row => row.Near), 2));
        Assert.Contains("log-odds", content.Kind, StringComparison.Ordinal);
        Assert.Equal("Near", content.Values[0].Key);
        Assert.Equal(-slope * weight * spread, content.Values[0].Value, 1e-4);
    }

    [Fact]
    public void Of_a_line_without_probabilities_they_move_its_score()
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.AveragedPerceptron()).Fit(DrawnRows.View(Rows));
        Assert.Contains("moves the score", Features(model, Rows).Kind, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_trees_they_are_shares_of_the_gains()
    {
        var model = DrawnRows.Features().Append(Catalog.Trainers.FastTree(numberOfTrees: 10)).Fit(DrawnRows.View(Rows));
        var content = Features(model, Rows);
        Assert.Equal(1, content.Values.Sum(one => one.Value), 1e-6);
        Assert.Equal("Near", content.Values[0].Key);
        Assert.Contains("gained", content.Kind, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_kernel_map_it_is_said_that_there_are_no_names()
    {
        var model = DrawnRows.Features().Append(DrawnRows.MlContext.Transforms.ApproximatedKernelMap("Features", rank: 20))
            .Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(Rows));
        var content = Features(model, Rows);
        Assert.Empty(content.Values);
        Assert.Contains("no names", content.Kind, StringComparison.Ordinal);
    }

    [Fact]
    public void The_thirty_largest_are_told_and_how_many_are_left_out()
    {
        // 41 categories make 41 features, and Near is one more.
        var rows = Rows.Select((row, i) => new DrawnRow { Label = row.Label, Near = row.Near, Note = $"c{i % 41}" }).ToArray();
        var model = DrawnRows.MlContext.Transforms.Categorical.OneHotEncoding("Note").Append(DrawnRows.Features("Near", "Note"))
            .Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var content = Features(model, rows);
        Assert.Equal(30, content.Values.Count);
        Assert.Equal(42 - 30, content.LeftOut);
        Assert.Equal("Near", content.Values[0].Key);
        Assert.All(content.Values.Skip(1), one => Assert.StartsWith("Note.c", one.Key, StringComparison.Ordinal));
        double[] sizes = [.. content.Values.Select(one => Math.Abs(one.Value))];
        Assert.Equal(sizes, sizes.OrderDescending());
    }

    [Fact]
    public void Sparse_features_have_the_spread_of_dense_ones()
    {
        var rows = Rows.Select((row, i) => new DrawnRow { Label = row.Label, Near = row.Near, Note = $"c{i % 5}" }).ToArray();
        var chain = DrawnRows.MlContext.Transforms.Categorical.OneHotEncoding("Note").Append(DrawnRows.Features("Note"))
            .Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var source = FeatureSource.Of(new(DrawnRows.View(rows), [chain], null, null), 0)!;
        var figures = FeatureFigures.Of(source, Scored(rows), null, 0);
        // A fifth of the rows each.
        Assert.All(figures.Spreads, spread => Assert.Equal(Math.Sqrt(.2 * .8), spread, 1e-9));
    }

    [Fact]
    public void The_rank_area_of_a_feature_is_that_of_all_pairs()
    {
        var rows = DrawnRows.Of(300, .2, 4);
        var chain = DrawnRows.Features().Append(Catalog.Trainers.FocalSgd()).Fit(DrawnRows.View(rows));
        var figures = FeatureFigures.Of(FeatureSource.Of(new(DrawnRows.View(rows), [chain], null, null), 0)!, Scored(rows), null, 0);
        var pairs = rows.Where(row => row.Label).SelectMany(positive => rows.Where(row => !row.Label).Select(
            negative => positive.Near > negative.Near ? 1.0 : positive.Near == negative.Near ? .5 : 0));
        Assert.Equal(pairs.Average(), figures.RankAreas[0], 1e-12);
    }

    private static FeatureContent Features(ITransformer model, DrawnRow[] test)
        => DrawnRows.Content(DrawnRows.Compare(DrawnRows.View(test), [("Model", model)], resamples: 2)).Features!;

    private static ScoredRows Scored(DrawnRow[] rows) => ScoredRows.Of(
        [.. rows.Select(row => row.Near)], [.. rows.Select(row => row.Label)], [.. rows.Select(row => row.Weight)]);
}
