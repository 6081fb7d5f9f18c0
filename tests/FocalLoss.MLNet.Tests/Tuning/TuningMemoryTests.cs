using System.Runtime.CompilerServices;
using FocalMlNet.Tuning;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Tuning;

/// <summary>What a tuning no longer needs is given back before the next thing needs memory.</summary>
public sealed class TuningMemoryTests
{
    private readonly MLContext _mlContext = new(seed: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_rows_of_the_race_are_gone_when_the_chosen_one_is_fitted(bool isAdded)
    {
        WeakReference? block = null;
        bool? isAlive = null;
        var view = Rows.View(_mlContext, Rows.Gaussian(400), () =>
        {
            if (block is null || isAlive is not null)
                return;
            GC.Collect();
            isAlive = block.IsAlive;
        });
        var options = new BinaryTuningOptions
        {
            Gammas = [0],
            ClassWeightings = [ClassWeighting.None],
            L2Regularizations = [.01],
            Candidates = [new("stock", w => _mlContext.BinaryClassification.Trainers.LbfgsLogisticRegression(exampleWeightColumnName: w))],
        };
        var task = new BinaryTuningTask(_mlContext.BinaryClassification, options);
        var race = new TuningRace(view, task, options);
        race.Run();
        var last = new LastFit(view, task, options, race, race.Lambdas());
        var chosen = race.Entrants[isAdded ? 1 : 0];
        var outOfFold = OutOfFoldRows.Of(race.OutOfFold(chosen), race.RowCount, options);
        block = FirstBlock(race, options);
        GC.Collect();
        Assert.True(block.IsAlive);
        Assert.True(last.TryRun(chosen, outOfFold, out _));
        Assert.False(isAlive);
        // Who asks for them after all gets the same.
        Assert.Equal(outOfFold.Scores, OutOfFoldRows.Of(race.OutOfFold(chosen), race.RowCount, options).Scores);
    }

    [Fact]
    public void If_an_added_candidate_fails_in_the_last_fit_a_line_is_taken_as_if_there_had_been_none()
    {
        // The label is whether the product of two features is above 0, which lines cannot tell.
        var random = new Random(1);
        var view = Rows.View(_mlContext, [.. Enumerable.Range(0, 500).Select(_ =>
        {
            float[] x = [(float)Rows.Normal(random), (float)Rows.Normal(random)];
            return new Row { Label = x[0] * x[1] > .5, Features = x };
        })]);
        var options = new BinaryTuningOptions { Gammas = [0], ClassWeightings = [ClassWeighting.None], L2Regularizations = [.1, .01] };
        var fits = 0;
        var trees = new TuningCandidate("late", w => ++fits < 6
            ? _mlContext.BinaryClassification.Trainers.FastTree(exampleWeightColumnName: w, numberOfTrees: 20)
            : throw new InvalidOperationException("Too late."));
        var (alone, left) = (Tune(options), Tune(options with { Candidates = [trees] }));
        Assert.Equal((6, "Too late."), (fits, left.Candidates[^1].Error));
        Assert.Equal(alone.Chosen.Name, left.Chosen.Name);
        Assert.Equal(
            alone.OutOfFold.GetColumn<float>("Probability"), left.OutOfFold.GetColumn<float>("Probability"));

        BinaryTuningResult Tune(BinaryTuningOptions with) => _mlContext.BinaryClassification.TuneImbalanced(view, with);
    }

    [Fact]
    public void A_fold_is_forgotten_when_its_rows_are_put_with_the_others()
    {
        List<WeakReference> folds = [];
        var alive = new List<bool>();
        var rows = OutOfFoldRows.Of(Folds(), 12, new BinaryTuningOptions());
        Assert.Equal([false, false, false], alive);
        // Row r is in fold r % 4; those of fold 3 judge nothing.
        Assert.Equal([0, 1, 2, 4, 5, 6, 8, 9, 10], rows.Rows);
        Assert.Equal([0, 1, 2, 0, 1, 2, 0, 1, 2], rows.Folds);
        Assert.Equal([0, 1, 2, 4, 5, 6, 8, 9, 10], rows.Scores);
        Assert.Equal([0, .01f, .02f, .04f, .05f, .06f, .08f, .09f, .1f], rows.Probabilities);
        Assert.Equal([0, 1, 0, 0, 1, 0, 0, 1, 0], rows.Classes);
        Assert.Equal([1, 2, 3, 5, 6, 7, 9, 10, 11], rows.Weights);

        IEnumerable<Func<JudgedFold>> Folds()
        {
            for (var fold = 0; fold < 3; fold++)
            {
                var number = fold;
                yield return () => Fold(number);
                GC.Collect();
                alive.Add(folds[fold].IsAlive);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        JudgedFold Fold(int fold)
        {
            int[] at = [.. Enumerable.Range(0, 3).Select(i => fold + 4 * i)];
            var judged = new JudgedRows(at, Array.ConvertAll(at, row => row % 4 == 1 ? 1f : 0), Array.ConvertAll(at, row => row + 1f));
            folds.Add(new WeakReference(judged));
            return new(fold, judged, new(Array.ConvertAll(at, row => (float)row), Array.ConvertAll(at, row => row / 100f)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference FirstBlock(TuningRace race, TuningOptions options)
        => new(race.Rows!.All(options.Parallel(default)).Blocks[0]);
}
