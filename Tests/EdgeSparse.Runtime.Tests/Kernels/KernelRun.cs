using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Runs a small blob with the kernels of one instruction set in an arena that ends at a guard page. Whatever no step has written
/// is not a number, so that a kernel which uses it shows. Values may not share memory.
/// </summary>
internal static unsafe partial class KernelRun
{
    /// <summary>The instruction sets of this machine.</summary>
    public static IEnumerable<InstructionSet> Sets => Enum.GetValues<InstructionSet>().Where(set => set <= Hardware.Best);

    /// <summary>How many of so many random cases are run here: all.</summary>
    public static int Cases(int count) => count;

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

    /// <summary>The elements of a value after a run, halo included.</summary>
    public static float[] Elements(BlobBuilder builder, int value, InstructionSet set, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build(), set);
        using var memory = new GuardedMemory(model.ArenaBytes);
        byte* arena = memory.AtEnd(model.ArenaBytes);
        using Session session = model.CreateSession((float*)arena);
        for (int i = 0; i < inputs.Length; i++)
        {
            session.SetInput(i, inputs[i]);
        }

        session.Run();
        return Floats(new Span<byte>(arena, (int)model.ArenaBytes), builder.Values[value]).ToArray();
    }
}
