using FocalMlNet.Matrix;

namespace FocalMlNet.Tests.Matrix;

public sealed class SystematicDrawTests
{
    [Fact]
    public void A_row_comes_as_often_as_expected_rounded_down_or_up_and_all_together_too()
    {
        var random = new Random(1);
        for (var seed = 0; seed < 200; seed++)
        {
            var (draw, expected, drawn) = (new SystematicDraw(-random.NextDouble()), 0.0, 0);
            for (var row = 0; row < 200; row++)
            {
                var own = 3 * random.NextDouble();
                var times = draw.Next(own);
                Assert.InRange(times, Math.Floor(own), Math.Ceiling(own));
                (expected, drawn) = (expected + own, drawn + times);
                Assert.InRange(drawn - expected, -1, 1);
            }
        }
    }

    [Fact]
    public void Over_all_starts_each_chance_is_exact()
    {
        // Of 1,000 evenly spread starts the row that is expected .3 times comes in 300.
        double[] chances = [.7, .3, 1.5, .25];
        var counts = new int[chances.Length];
        for (var i = 0; i < 1000; i++)
        {
            var draw = new SystematicDraw(-(i + .5) / 1000);
            for (var row = 0; row < chances.Length; row++)
                counts[row] += draw.Next(chances[row]);
        }

        Assert.Equal([700, 300, 1500, 250], counts);
    }
}
