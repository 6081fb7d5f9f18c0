
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;

namespace FocalMlNet.Tests.StockModels;

/// <summary>
/// Re-weighting and class weights over ML.NET's boosted trees. Where one feature tells rows apart into a few cells, trees can give each
/// cell any score, so the scores of least focal loss are known: in each cell by itself the best constant, found by halving on the formula.
/// </summary>
public sealed class BoostedTreesTests
{
    private const int RowsPerCell = 400;

    /// <summary>How many of the rows of each cell are positive.</summary>
    private static readonly double[] Shares = [.02, .04, .08, .15, .3, .5, .7, .9];

    /// <summary>The shares of three classes in each cell.</summary>
    private static readonly double[][] ClassShares = [[.02, .08, .9], [.1, .3, .6], [.3, .3, .4], [.05, .9, .05], [.6, .1, .3]];

    private readonly MLContext _mlContext = new(seed: 1);

    public enum Trees
    {
        FastTree,
        LightGbm,
    }

    public static TheoryData<Trees, double, double?> Losses
        => [.. from trees in Enum.GetValues<Trees>()
            from loss in new (double, double?)[] { (.5, null), (1, null), (2, null), (2, .75), (4, .25) }
            select (trees, loss.Item1, loss.Item2)];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Reweighted_trees_give_each_cell_the_score_of_least_focal_loss(Trees trees, double gamma, double? alpha)
    {
        double[] scores = CellScores(Fit(trees, Cells(), gamma, alpha));

        Assert.Equal(Shares.Select(share => BestScore(share, gamma, alpha ?? .5)), scores, (x, y) => Math.Abs(x - y) < 2e-3);
    }

    [Theory]
    [InlineData(Trees.FastTree)]
    [InlineData(Trees.LightGbm)]
    public void Class_weights_move_the_scores_as_far_as_the_loss_says(Trees trees)
    {
        double positives = Shares.Average();
        var balanced = _mlContext.Transforms.BalanceClasses("Balance").Fit(Cells()).Transform(Cells());

        double[] scores = CellScores(Fit(trees, balanced, gamma: 2, alpha: null, weights: "Balance"));

        // Balanced weights are in proportion to 1 - share for positives and to share for negatives.
        Assert.Equal(Shares.Select(share => BestScore(share, 2, 1 - positives)), scores, (x, y) => Math.Abs(x - y) < 2e-3);
        Assert.All(scores.Zip(CellScores(Fit(trees, Cells(), gamma: 2, alpha: null))), pair => Assert.True(pair.First > pair.Second + .1));
    }

    [Theory]
    [InlineData(Trees.FastTree, null)]
    [InlineData(Trees.FastTree, "Weight")]
    [InlineData(Trees.LightGbm, null)]
    [InlineData(Trees.LightGbm, "Weight")]
    public void Gamma_zero_gives_the_plain_trainers_model_to_the_bit(Trees trees, string? weights)
    {
        var view = Uneven();
        Assert.Equal(Scores(Plain(trees, view, weights), view), Scores(Fit(trees, view, gamma: 0, alpha: null, weights: weights), view));
    }

    [Theory]
    [InlineData(Trees.FastTree)]
    [InlineData(Trees.LightGbm)]
    public void The_focal_loss_of_the_training_rows_falls(Trees trees)
    {
        var view = Uneven();
        var heard = new List<double>();

        var focal = MeanFocalLoss(Fit(trees, view, gamma: 2, alpha: null, progress: new Listener(heard)).Transform(view));

        Assert.Equal(heard.Min(), focal, 1e-7);
        Assert.True(focal < .9 * heard[0], $"{heard[0]} -> {focal}");
        var plain = MeanFocalLoss(Plain(trees, view).Transform(view));
        Assert.True(focal < .9 * plain, $"{plain} -> {focal}");
    }

    [Fact]
    public void Limits_on_the_weight_of_a_leaf_hold_reweighted_LightGbm_back()
    {
        NativeParts.NeedLightGbm();
        var view = Rows.View(_mlContext, Rows.Gaussian(1000));
        (double Plain, double Focal) Losses(double minimumChildWeight, double penalty)
        {
            LightGbmBinaryTrainer Trainer(string? weights)
                => _mlContext.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
                {
                    ExampleWeightColumnName = weights,
                    Booster = new GradientBooster.Options { MinimumChildWeight = minimumChildWeight, L2Regularization = penalty },
                    NumberOfThreads = 1,
                });
            return (MeanFocalLoss(Trainer(null).Fit(view).Transform(view)),
                MeanFocalLoss(_mlContext.BinaryClassification.Trainers.FocalReweighted(Trainer).Fit(view).Transform(view)));
        }

        // LightGbm's defaults, and next to nothing.
        var (held, free) = (Losses(.1, .01), Losses(1e-9, 0));

        Assert.True(held.Focal > held.Plain, $"{held}");
        Assert.True(free.Focal < free.Plain, $"{free}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Reweighted_LightGbm_gives_each_cell_the_class_probabilities_of_least_focal_loss(double gamma)
    {
        NativeParts.NeedLightGbm();
        MulticlassRow[] OfClass(int cell, int k, double share) => [.. Enumerable.Range(0, (int)Math.Round(share * 200))
            .Select(_ => new MulticlassRow { Label = (uint)k, Features = [cell] })];
        var rows = Shuffled([.. ClassShares.SelectMany((shares, cell) => shares.SelectMany((share, k) => OfClass(cell, k, share)))]);

        var model = _mlContext.MulticlassClassification.Trainers.FocalReweighted(MulticlassLightGbm, gamma: gamma)
            .Fit(MulticlassRows.View(_mlContext, rows));

        MulticlassRow[] cells = [.. ClassShares.Select((_, cell) => new MulticlassRow { Features = [cell] })];
        var scored = MulticlassRows.Score(_mlContext, model, MulticlassRows.View(_mlContext, cells, classCount: 3));
        Assert.All(ClassShares.Zip(scored), pair => Assert.Equal(
            BestProbabilities(pair.First, gamma), pair.Second.Score.Select(p => (double)p), (x, y) => Math.Abs(x - y) < 1e-3));
    }

    [Fact]
    public void Gamma_zero_gives_the_plain_model_of_several_classes_to_the_bit()
    {
        NativeParts.NeedLightGbm();
        var view = MulticlassRows.View(_mlContext, MulticlassRows.Gaussian(1000));
        float[][] Scores(ITransformer model) => [.. MulticlassRows.Score(_mlContext, model, view).Select(row => row.Score)];
        var reweighted = _mlContext.MulticlassClassification.Trainers.FocalReweighted(MulticlassLightGbm, gamma: 0);
        Assert.Equal(Scores(MulticlassLightGbm(null).Fit(view)), Scores(reweighted.Fit(view)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Weight")]
    public void Balanced_LightGbm_is_LightGbm_with_the_same_weights_by_hand(string? weights)
    {
        NativeParts.NeedLightGbm();
        var rows = Rows.Gaussian(1000);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 3;
        float[] own = [.. rows.Select(row => weights is null ? 1 : row.Weight)];
        var view = Rows.View(_mlContext, rows);
        var balanced = Scores(_mlContext.Transforms.BalanceClasses("Balance", exampleWeightColumnName: weights)
            .Append(LightGbm("Balance")).Fit(view), view);
        var plain = Scores(LightGbm(weights).Fit(view), view);

        // N / (K n_k), by weight.
        double all = own.Sum(), positives = own.Where((_, i) => rows[i].Label).Sum();
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = (float)(all / (2 * (rows[i].Label ? positives : all - positives))) * own[i];

        Assert.Equal(Scores(LightGbm("Weight").Fit(view), view), balanced);
        Assert.NotEqual(plain, balanced);
    }

    [Fact]
    public void Balanced_LightGbm_of_several_classes_is_LightGbm_with_the_same_weights_by_hand()
    {
        NativeParts.NeedLightGbm();
        var rows = MulticlassRows.Gaussian(1000);
        var view = MulticlassRows.View(_mlContext, rows);
        float[][] Scores(ITransformer model) => [.. MulticlassRows.Score(_mlContext, model, view).Select(row => row.Score)];
        var balanced = Scores(_mlContext.Transforms.BalanceClasses("Balance").Append(MulticlassLightGbm("Balance")).Fit(view));

        var counts = rows.CountBy(row => row.Label).ToDictionary();
        foreach (var row in rows)
            row.Weight = (float)(1000.0 / (4 * counts[row.Label]));

        Assert.Equal(Scores(MulticlassLightGbm("Weight").Fit(view)), balanced);
        Assert.NotEqual(Scores(MulticlassLightGbm(null).Fit(view)), balanced);
    }

    private static T[] Shuffled<T>(T[] rows)
    {
        new Random(1).Shuffle(rows);
        return rows;
    }

    private IDataView Cells() => Rows.View(_mlContext, Shuffled([.. Shares.SelectMany((share, cell) => Enumerable.Range(0, RowsPerCell)
        .Select(i => new Row { Label = i < Math.Round(share * RowsPerCell), Features = [cell] }))]));

    /// <summary>Rows that no tree of a few leaves tells apart, with uneven weights.</summary>
    private IDataView Uneven()
    {
        var rows = Rows.Gaussian(2000);
        for (var i = 0; i < rows.Length; i++)
            rows[i].Weight = 1 + i % 3;
        return Rows.View(_mlContext, rows);
    }

    private ITransformer Fit(
        Trees trees, IDataView view, double gamma, double? alpha, string? weights = null, IProgress<FocalReweightingRound>? progress = null)
    {
        Need(trees);
        var trainers = _mlContext.BinaryClassification.Trainers;
        var options = new FocalReweightedOptions { Gamma = gamma, Alpha = alpha, ExampleWeightColumnName = weights, Progress = progress };
        return trees == Trees.FastTree
            ? trainers.FocalReweighted(FastTree, options).Fit(view) : trainers.FocalReweighted(LightGbm, options).Fit(view);
    }

    private ITransformer Plain(Trees trees, IDataView view, string? weights = null)
    {
        Need(trees);
        return trees == Trees.FastTree ? FastTree(weights).Fit(view) : LightGbm(weights).Fit(view);
    }

    private static void Need(Trees trees)
    {
        if (trees == Trees.FastTree)
            NativeParts.NeedFastTree();
        else
            NativeParts.NeedLightGbm();
    }

    private FastTreeBinaryTrainer FastTree(string? weights)
        => _mlContext.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            ExampleWeightColumnName = weights,
            NumberOfTrees = 50,
            NumberOfLeaves = 8,
            LearningRate = .2,
            MinimumExampleCountPerLeaf = 50,
            NumberOfThreads = 1,
        });

    private LightGbmBinaryTrainer LightGbm(string? weights)
        => _mlContext.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            ExampleWeightColumnName = weights,
            NumberOfIterations = 50,
            NumberOfLeaves = 8,
            LearningRate = .2,
            MinimumExampleCountPerLeaf = 50,
            NumberOfThreads = 1,
        });

    private LightGbmMulticlassTrainer MulticlassLightGbm(string? weights)
        => _mlContext.MulticlassClassification.Trainers.LightGbm(new LightGbmMulticlassTrainer.Options
        {
            ExampleWeightColumnName = weights,
            NumberOfIterations = 50,
            NumberOfLeaves = 8,
            LearningRate = .3,
            UseSoftmax = true,
            NumberOfThreads = 1,
        });

    private float[] Scores(ITransformer model, IDataView view) => [.. Rows.Score(_mlContext, model, view).Select(row => row.Score)];

    /// <summary>The log-odds of the probability that a model gives each cell.</summary>
    private double[] CellScores(ITransformer model)
    {
        var cells = Rows.View(_mlContext, [.. Shares.Select((_, cell) => new Row { Features = [cell] })]);
        double[] probabilities = [.. Rows.Score(_mlContext, model, cells).Select(row => (double)row.Probability)];
        return [.. probabilities.Select(p => Math.Log(p) - Math.Log(1 - p))];
    }

    private static double MeanFocalLoss(IDataView scored)
        => scored.GetColumn<float>("Probability").Zip(scored.GetColumn<bool>("Label"))
            .Average(row => FocalLossOf(row.Second ? row.First : 1 - (double)row.First, 2));

    /// <summary>The plain formula.</summary>
    private static double FocalLossOf(double p, double gamma) => -Math.Pow(1 - p, gamma) * Math.Log(p);

    /// <summary>Where the expected loss of rows, of which a share is positive, is least: it falls before and rises after.</summary>
    private static double BestScore(double share, double gamma, double alpha)
    {
        double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));
        double Loss(double z)
            => share * alpha * FocalLossOf(Sigmoid(z), gamma) + (1 - share) * (1 - alpha) * FocalLossOf(Sigmoid(-z), gamma);
        double low = -20, high = 20;
        while (high - low > 1e-7)
        {
            var middle = (low + high) / 2;
            (low, high) = Loss(middle + 1e-4) < Loss(middle - 1e-4) ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>The softmax of least expected loss, by descent along one logit after the other, its slope by central differences.</summary>
    private static double[] BestProbabilities(double[] shares, double gamma)
    {
        double[] Softmax(double[] logits)
        {
            var sum = logits.Sum(Math.Exp);
            return [.. logits.Select(z => Math.Exp(z) / sum)];
        }

        double Loss(double[] logits) => Softmax(logits).Zip(shares, (p, share) => share * FocalLossOf(p, gamma)).Sum();

        double[] best = [.. shares.Select(share => Math.Log(share))];
        for (var step = 0; step < 3_000; step++)
        {
            var k = step % best.Length;
            var (at, h) = (best[k], 1e-5);
            best[k] = at + h;
            var above = Loss(best);
            best[k] = at - h;
            best[k] = at - .5 * (above - Loss(best)) / (2 * h);
        }

        return Softmax(best);
    }

    private sealed class Listener(List<double> objectives) : IProgress<FocalReweightingRound>
    {
        public void Report(FocalReweightingRound value) => objectives.Add(value.Objective);
    }
}
