namespace FocalMlNet;

/// <summary>Small and fast random numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).</summary>
/// <param name="seed">Neighbouring seeds give unrelated numbers.</param>
internal struct SplitMix(ulong seed)
{
    private ulong _state = Mix(seed);

    /// <summary>The numbers of one of many things that have a seed in common: a resample, a model.</summary>
    public static SplitMix Of(int seed, int number) => new(((ulong)(uint)seed << 32) | (uint)number);

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>In (0; 1).</summary>
    public double NextUnit() => ((Next() >> 11) + .5) * (1.0 / (1UL << 53));

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
