using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Runs a small blob's plan for several workers, the last of them first.</summary>
internal static unsafe class WorkerRun
{
    public static float[] Run(BlobBuilder builder, InstructionSet set, int workers, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build(), set);
        using var memory = new NativeArena();
        float* arena = (float*)memory.Allocate(model.ArenaBytes);
        new Span<float>(arena, (int)(model.ArenaBytes / sizeof(float))).Fill(float.NaN);
        Step* steps = PlanBuilder.Build(model, arena, memory, workers, out int count);
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i].CopyTo(Pixels(builder, i, arena));
        }

        for (int i = 0; i < count; i++)
        {
            for (int worker = steps[i].Sequential != 0 ? 0 : workers - 1; worker >= 0; worker--)
            {
                steps[i].Kernel(steps + i, worker, workers);
            }
        }

        return Pixels(builder, inputs.Length, arena).ToArray();
    }

    /// <summary>The pixels of a planar value that is bound.</summary>
    private static Span<float> Pixels(BlobBuilder builder, int binding, float* arena)
    {
        ValueRecord value = builder.Values[builder.Bindings[binding].Value];
        return new Span<float>((byte*)arena + value.ArenaOffset + (value.Origin * sizeof(float)), value.Channels * value.Height * value.Width);
    }
}
