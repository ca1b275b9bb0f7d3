using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Gpu;
using EdgeSparse.Runtime.Gpu.Tests;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Where the tests of the CPU's kernels run a plan with several workers, runs it for several samples at once: the last one has the
/// given inputs, those before it others, which must not be seen in its results.
/// </summary>
internal static class WorkerRun
{
    public static float[] Run(BlobBuilder builder, InstructionSet set, int workers, params float[][] inputs)
    {
        using Model model = Model.FromBytes(builder.Build());
        lock (TestAccelerator.Shared)
        {
            using var session = new GpuSession(model, TestAccelerator.Shared, TestAccelerator.GroupThreads, workers);
            for (int i = 0; i < inputs.Length; i++)
            {
                float[] all = new float[inputs[i].Length * workers];
                // No number is no index, and would end the run.
                bool areIndices = i == 1 && builder.Operations.Any(o => o.Kind == OperationKind.Gather);
                Array.Fill(all, areIndices ? 0 : float.NaN);
                inputs[i].CopyTo(all, all.Length - inputs[i].Length);
                session.SetInput(i, all);
            }

            session.Run();
            float[] outputs = new float[model.Outputs[0].ElementCount * workers];
            session.GetOutput(0, outputs);
            return outputs[^model.Outputs[0].ElementCount..];
        }
    }
}
