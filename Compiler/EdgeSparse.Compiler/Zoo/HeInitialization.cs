using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>
/// Starting weights for layers followed by ReLU: uniform with the variance 2 / fan-in (He et al. 2015, "Delving Deep into
/// Rectifiers", equation 10), that is within ±√(6 / fan-in). Uniform rather than normal because it needs no logarithm or
/// cosine, whose last bits differ between platforms: the same seed gives the same bits everywhere.
/// </summary>
internal static class HeInitialization
{
    /// <param name="name">The weight's name; part of the seed, so that a layer's weights do not depend on those before it.</param>
    /// <param name="shape">[out, in] or [out, in/groups, kh, kw].</param>
    /// <param name="seed">Of the whole network.</param>
    public static Weight Create(string name, TensorShape shape, int seed)
    {
        double fanIn = (double)shape.ElementCount / shape[0];
        double bound = Math.Sqrt(6 / fanIn);
        SplitMix64 random = new(Mix(seed, name));
        float[] values = new float[shape.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(((random.NextUnit() * 2) - 1) * bound);
        }

        return new Weight(name, shape, values);
    }

    /// <summary>FNV-1a over the seed and the name's characters.</summary>
    private static ulong Mix(int seed, string name)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325 ^ (uint)seed;
        foreach (char character in name)
        {
            hash = (hash ^ character) * 0x0000_0100_0000_01B3;
        }

        return hash;
    }

    /// <summary>The generator of Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators".</summary>
    private struct SplitMix64(ulong state)
    {
        private ulong state = state;

        /// <summary>A multiple of 2⁻⁵³ in [0, 1).</summary>
        public double NextUnit()
        {
            state += 0x9E37_79B9_7F4A_7C15;
            ulong z = state;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
        }
    }
}
