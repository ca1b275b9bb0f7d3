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
        bool[] owned = new bool[arena.Length];
        foreach (ValueRecord value in builder.Values)
        {
            owned.AsSpan((int)value.ArenaOffset, (int)value.Elements * sizeof(float)).Fill(true);
            SlotReference.Check(value, Floats(arena, value));
        }

        for (int i = 0; i < arena.Length; i++)
        {
            if (!owned[i] && arena[i] != Canary)
            {
                Assert.Fail($"the arena's byte {i}, which belongs to no value, was written");
            }
        }
    }

    private static Span<float> Floats(Span<byte> arena, ValueRecord value) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(
        arena.Slice((int)value.ArenaOffset, (int)value.Elements * sizeof(float)));
}
