using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Runs a small blob with the kernels of one instruction set in an arena that ends at a guard page. Whatever no value promises
/// to be zero is not a number, so that a kernel which uses it shows.
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
        CheckUntouched(builder, new ReadOnlySpan<byte>(arena, (int)bytes));
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
            Span<byte> range = arena.Slice((int)value.ArenaOffset, (int)value.Elements * sizeof(float));
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(range).Fill(value.ZeroBorder == 1 ? 0f : float.NaN);
        }
    }

    /// <summary>Nothing was written between values, and borders that are zero are so still.</summary>
    private static void CheckUntouched(BlobBuilder builder, ReadOnlySpan<byte> arena)
    {
        byte[] owner = new byte[arena.Length];
        foreach (ValueRecord value in builder.Values)
        {
            owner.AsSpan((int)value.ArenaOffset, (int)value.Elements * sizeof(float)).Fill(value.ZeroBorder == 1 ? (byte)2 : (byte)1);
            for (int c = 0; c < value.Channels && value.ZeroBorder == 1; c++)
            {
                for (int y = 0; y < value.Height; y++)
                {
                    int pixel = value.Origin + (c * value.PlaneStride) + (y * value.RowStride);
                    owner.AsSpan((int)value.ArenaOffset + (pixel * sizeof(float)), value.Width * sizeof(float)).Fill(1);
                }
            }
        }

        for (int i = 0; i < arena.Length; i++)
        {
            byte expected = owner[i] == 0 ? Canary : (byte)0;
            if (owner[i] != 1 && arena[i] != expected)
            {
                Assert.Fail($"the arena's byte {i}, which belongs to {(owner[i] == 0 ? "no value" : "a zero border")}, was written");
            }
        }
    }
}
