using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Runs a small blob with the kernels of one instruction set in an arena that ends at a guard page. Whatever no step has written
/// is not a number, so that a kernel which uses it shows. Values may not share memory.
/// </summary>
internal static unsafe class KernelRun
{
    private const byte Canary = 0x5A;

    /// <summary>The instruction sets of this machine.</summary>
    public static IEnumerable<InstructionSet> Sets => Enum.GetValues<InstructionSet>().Where(set => set <= Hardware.Best);

    public static float[] Run(BlobBuilder builder, InstructionSet set, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build(), set);
        long bytes = model.ArenaBytes;
        using var memory = new GuardedMemory(bytes);
        byte* arena = memory.AtEnd(bytes);
        Poison(builder, new Span<byte>(arena, (int)bytes));
        using Session session = model.CreateSession((float*)arena);
        float[] output = new float[model.Outputs[0].ElementCount];
        float[] again = new float[output.Length];
        foreach (float[] result in new[] { output, again })
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                session.SetInput(i, inputs[i]);
            }

            session.Run();
            session.GetOutput(0, result);
        }

        Assert.Equal(output, again);
        CheckUntouched(builder, new Span<byte>(arena, (int)bytes));
        return output;
    }

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

    private static void Poison(BlobBuilder builder, Span<byte> arena)
    {
        arena.Fill(Canary);
        foreach (ValueRecord value in builder.Values)
        {
            Floats(arena, value).Fill(float.NaN);
        }
    }

    /// <summary>Nothing was written between values, nor in a value where it has no slots, and frames hold what they promise.</summary>
    private static void CheckUntouched(BlobBuilder builder, Span<byte> arena)
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
