namespace EdgeSparse.Compiler.Data.Synthetic;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014: "Fast splittable pseudorandom number generators"). Its whole state is one number, so
/// every sample has a generator of its own, and a set is the same for any number of threads and on any machine.
/// </summary>
internal struct SplitMix64(ulong seed)
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private ulong state = seed;

    /// <summary>A generator for one element of a stream: neighbouring indices give unrelated sequences.</summary>
    public static SplitMix64 At(ulong seed, ulong stream, ulong index) => new(Mix(Mix(Mix(seed) + stream) + (index * Golden)));

    public ulong Next() => Mix(state += Golden);

    /// <summary>Uniform in [0, 1), 24 bits.</summary>
    public float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    public float Uniform(float low, float high) => low + (Uniform() * (high - low));

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    /// <summary>
    /// Nearly normal, mean 0, deviation 1, within ±3.47: the sum of four uniforms. Needs no logarithm, whose last bit would
    /// differ between platforms.
    /// </summary>
    public float Normal() => (Uniform() + Uniform() + Uniform() + Uniform() - 2f) * 1.7320508f;

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return z ^ (z >> 31);
    }
}
