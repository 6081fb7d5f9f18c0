namespace FocalMlNet.Tests.Optimization;

/// <summary>Data that is awkward for a minimiser, of several kinds, from a seed.</summary>
internal static class HardProblems
{
    public static readonly string[] Kinds =
    [
        "clean", "a far row", "log-normal", "Cauchy", "units", "sentinels", "nearly equal columns", "separable", "sparse", "mixed density",
    ];

    public static Row[] Make(string kind, int seed)
    {
        var random = new Random(seed * 31 + Array.IndexOf(Kinds, kind));
        var (n, d) = ((int)Math.Pow(10, 1.5 + 2 * random.NextDouble()), 1 + random.Next(6));
        double[] truth = [.. Enumerable.Range(0, d).Select(_ => 1.5 * Rows.Normal(random))];
        var bias = -3 * random.NextDouble();
        var rows = new Row[n];
        for (var i = 0; i < n; i++)
        {
            double[] z = [.. truth.Select(_ => Rows.Normal(random))];
            if (kind is "sparse" or "mixed density")
            {
                var density = kind == "sparse" || i < n / 2 ? .08 : .7;
                for (var j = 0; j < d; j++)
                    z[j] = random.NextDouble() < density ? z[j] : 0;
            }

            var score = bias + z.Zip(truth, (x, w) => x * w).Sum();
            var label = kind == "separable" ? score > bias : random.NextDouble() < 1 / (1 + Math.Exp(-score));
            rows[i] = new Row { Label = label, Features = [.. z.Select(x => (float)x)] };
        }

        Deform(kind, rows, random);
        // Both classes.
        (rows[0].Label, rows[1].Label) = (true, false);
        return rows;
    }

    private static void Deform(string kind, Row[] rows, Random random)
    {
        var d = rows[0].Features.Length;
        switch (kind)
        {
            case "a far row":
                rows[random.Next(rows.Length)].Features[random.Next(d)] =
                    (float)((random.Next(2) * 2 - 1) * Math.Pow(10, 2 + 4 * random.NextDouble()));
                break;
            case "log-normal":
                var σ = 1 + 5 * random.NextDouble();
                ForEach(x => (float)Math.Exp(σ * x));
                break;
            case "Cauchy":
                ForEach(x => (float)(x / (Math.Abs(Rows.Normal(random)) + 1e-6)));
                break;
            case "units":
                double[] units = [.. Enumerable.Range(0, d).Select(_ => Math.Pow(10, 60 * random.NextDouble() - 30))];
                foreach (var row in rows)
                    row.Features = [.. row.Features.Select((x, j) => (float)(x * units[j]))];
                break;
            case "sentinels":
                ForEach(x => random.Next(100) == 0 ? 9999 : x);
                break;
            case "nearly equal columns":
                var ε = Math.Pow(10, -1 - 3 * random.NextDouble());
                foreach (var row in rows)
                {
                    // The label depends on what is left when the one is taken from the other.
                    var common = (float)Rows.Normal(random);
                    row.Features = [common, .. row.Features.Select(x => (float)(common + ε * x))];
                }

                break;
        }

        void ForEach(Func<float, float> change)
        {
            foreach (var row in rows)
                row.Features = [.. row.Features.Select(change)];
        }
    }
}
