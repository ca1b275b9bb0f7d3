namespace EdgeSparse.Compiler.Training;

/// <summary>What a random sequence is for: sequences of one seed and different purposes are independent.</summary>
public enum RandomPurpose
{
    Shuffling = 1,
    Augmentation = 2,
    Dropout = 3,
    Calibration = 4,
    SampledLabels = 5,
    Scores = 6,
}

/// <summary>
/// A small generator whose sequence depends on nothing but its arguments (SplitMix64: Steele, Lea, Flood 2014). Every epoch and
/// every step has its own, so that a resumed run needs no saved generator state to go on exactly as before.
/// </summary>
/// <param name="seed">Of the whole run.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="index">The epoch or step.</param>
public struct SeededRandom(int seed, RandomPurpose purpose, long index)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state = Mix(Mix(((ulong)(uint)seed << 8) + (ulong)purpose) + (ulong)index);

    public ulong NextUInt64()
    {
        state += Golden;
        return Mix(state);
    }

    /// <summary>A multiple of 2⁻⁵³, uniform in 0 to below 1.</summary>
    public double NextUnit() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 to <paramref name="bound"/> − 1; the bias is below bound / 2⁶⁴.</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);
    }

    /// <summary>Fisher and Yates' shuffle, in place.</summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
