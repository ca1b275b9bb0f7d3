using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Gpu;
using EdgeSparse.Runtime.Gpu.Tests;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Runs a small blob on ILGPU's CPU accelerator, where the tests of the CPU's kernels would run it on the CPU. Whatever no step has
/// written is not a number, so that a kernel which uses it shows. Values may not share memory.
/// </summary>
internal static partial class KernelRun
{
    /// <summary>The tests' loop over instruction sets runs once.</summary>
    public static IEnumerable<InstructionSet> Sets => [InstructionSet.Scalar];

    /// <summary>How many of so many random cases are run: ILGPU's CPU accelerator takes a thousand times as long as a kernel.</summary>
    public static int Cases(int count) => count / 5;

    public static float[] Run(BlobBuilder builder, InstructionSet set, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build());
        lock (TestAccelerator.Shared)
        {
            using var session = new GpuSession(model, TestAccelerator.Shared, TestAccelerator.GroupThreads, batch: 1, keepsValues: true);
            float[] arena = new float[session.ArenaElements];
            Span<byte> bytes = MemoryMarshal.AsBytes(arena.AsSpan())[..(int)model.ArenaBytes];
            Poison(builder, bytes);
            session.WriteArena(arena);
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
            CheckUntouched(builder, MemoryMarshal.AsBytes(session.ReadArena().AsSpan())[..(int)model.ArenaBytes]);
            return output;
        }
    }

    /// <summary>The elements of a value after a run, halo included.</summary>
    public static float[] Elements(BlobBuilder builder, int value, InstructionSet set, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build());
        lock (TestAccelerator.Shared)
        {
            using var session = new GpuSession(model, TestAccelerator.Shared, TestAccelerator.GroupThreads, batch: 1, keepsValues: true);
            for (int i = 0; i < inputs.Length; i++)
            {
                session.SetInput(i, inputs[i]);
            }

            session.Run();
            return Floats(MemoryMarshal.AsBytes(session.ReadArena().AsSpan()), builder.Values[value]).ToArray();
        }
    }
}
