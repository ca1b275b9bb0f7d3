using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>What a run must have left in its arena, and how close its results must be.</summary>
internal static partial class KernelRun
{
    private const byte Canary = 0x5A;

    /// <summary>Expected and actual within rounding of sums whose terms have the given magnitude.</summary>
    public static void AssertClose(double[] expected, double[] magnitude, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = (3e-6 * magnitude[i]) + 1e-7;
            if (!(Math.Abs(expected[i] - actual[i]) <= allowed))
            {
                Assert.Fail($"{what}: element {i} is {actual[i]}, expected {expected[i]} ± {allowed}");
            }
        }
    }

    /// <summary>Values hold no numbers, what lies between them a pattern.</summary>
    public static void Poison(BlobBuilder builder, Span<byte> arena)
    {
        arena.Fill(Canary);
        foreach (ValueRecord value in builder.Values)
        {
            Floats(arena, value).Fill(float.NaN);
        }
    }

    /// <summary>Nothing was written between values, nor in a value where it has no slots, and frames hold what they promise.</summary>
    public static void CheckUntouched(BlobBuilder builder, Span<byte> arena)
    {
        int from = 0;
        foreach (ValueRecord value in builder.Values.OrderBy(v => v.ArenaOffset))
        {
            CheckCanaries(arena, from, (int)value.ArenaOffset);
            from = Math.Max(from, (int)value.ArenaOffset + ((int)value.Elements * sizeof(float)));
            SlotReference.Check(value, Floats(arena, value));
        }

        CheckCanaries(arena, from, arena.Length);
    }

    /// <summary>The same numbers, not only equal ones: 0 is not −0.</summary>
    public static void AssertSameBits(float[] expected, float[] actual) =>
        Assert.Equal(MemoryMarshal.Cast<float, int>(expected).ToArray(), MemoryMarshal.Cast<float, int>(actual).ToArray());

    private static void CheckCanaries(Span<byte> arena, int from, int end)
    {
        int changed = from < end ? arena[from..end].IndexOfAnyExcept(Canary) : -1;
        if (changed >= 0)
        {
            Assert.Fail($"the arena's byte {from + changed}, which belongs to no value, was written");
        }
    }

    private static Span<float> Floats(Span<byte> arena, ValueRecord value) => MemoryMarshal.Cast<byte, float>(
        arena.Slice((int)value.ArenaOffset, (int)value.Elements * sizeof(float)));
}
