using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.PtxEmulator.Driver;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>Networks with code for an emulated GPU, and runs of them.</summary>
internal static class EmulatedBlob
{
    /// <summary>A blob with code for some architectures.</summary>
    public static byte[] Of(Graph graph, int lanes, string architectures) =>
        DeviceCodeSection.Add(
            Packer.Pack(graph, new PackOptions { Lanes = lanes }).Bytes.ToArray(), architectures, IProgressSink.Silent, TestContext.Current.CancellationToken).Blob;

    /// <summary>
    /// Runs a blob on the CPU and on the emulated GPU, whose outputs are to be within 10⁻⁴ of the largest. No access is without order, outside
    /// of memory or to what nobody wrote, and no warp parts where the code says that it does not.
    /// </summary>
    public static void AssertSame(byte[] blob, int seed, string what)
    {
        Random random = new(seed);
        using Model model = Model.FromBytes(blob);
        using Session cpu = model.CreateSession();
        using CudaSession gpu = EmulatedDriver.Open(model);
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            float[] input = [.. Enumerable.Range(0, model.Inputs[i].ElementCount).Select(_ => (random.NextSingle() * 2) - 1)];
            cpu.SetInput(i, input);
            gpu.SetInput(i, input);
        }

        cpu.Run();
        Assert.True(Runs(gpu), $"{what}: {EmulatedGpu.Fault}");
        for (int o = 0; o < model.Outputs.Count; o++)
        {
            float[] expected = new float[model.Outputs[o].ElementCount];
            float[] actual = new float[expected.Length];
            cpu.GetOutput(o, expected);
            gpu.GetOutput(o, actual);
            double scale = Math.Max(1, expected.Max(MathF.Abs));
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4 * scale, $"{what}, output {o}: element {i} is {actual[i]}, not {expected[i]}");
            }
        }
    }

    /// <summary>Whether a run ends well; if not, <see cref="EmulatedGpu.Fault"/> says why.</summary>
    public static bool Runs(CudaSession session)
    {
        try
        {
            session.Run();
            return true;
        }
        catch (CudaException) when (EmulatedGpu.Fault is not null)
        {
            return false;
        }
    }
}
