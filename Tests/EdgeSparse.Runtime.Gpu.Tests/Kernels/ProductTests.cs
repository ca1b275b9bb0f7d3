using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Gpu;
using EdgeSparse.Runtime.Gpu.Tests;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>Convolutions and fully connected layers in every format, for groups of threads of several sizes and for batches.</summary>
public sealed class ProductTests
{
    public static TheoryData<string> Formats => [.. ConvFormat.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_convolution_agrees_with_a_reference_for_every_window_and_map(string name)
    {
        ConvFormat format = ConvFormat.Of(name);
        for (int i = 0; i < ConvWindow.All.Length * ConvWindow.Maps.Length; i++)
        {
            OperationRecord window = ConvWindow.All[i % ConvWindow.All.Length];
            (int height, int width) = ConvWindow.Maps[i / ConvWindow.All.Length];
            if (window.OutputOf(height, width) is { Height: > 0, Width: > 0 })
            {
                ConvCase c = Random(new Random(i), format, window, height, width, SparseCase.Sparsities[i % 5]);
                (double[] expected, double[] magnitude) = c.Reference();
                float[] y = KernelRun.Run(c.Build(format), InstructionSet.Scalar, c.Inputs);
                KernelRun.AssertClose(expected, magnitude, y, $"case {i}, {name}, {c}");
            }
        }
    }

    [Theory]
    [InlineData("csr16", 2)]
    [InlineData("csr16", 8)]
    [InlineData("bsr16-8x1", 4)]
    [InlineData("bsr32-4x4", 8)]
    [InlineData("dense", 8)]
    [InlineData("depthwise", 4)]
    public void Threads_of_a_group_share_rows_and_what_they_stage(string name, int groupThreads)
    {
        ConvFormat format = ConvFormat.Of(name);
        for (int seed = 0; seed < 3; seed++)
        {
            // The last case has so many channels that a row is staged in several strips.
            var random = new Random(seed);
            ConvCase c = Random(random, format, ConvWindow.All[seed], 4 + seed, 5, seed == 2 ? 0 : 0.5);
            (double[] expected, double[] magnitude) = c.Reference();
            KernelRun.AssertClose(expected, magnitude, Run(c.Build(format), groupThreads, 1, c.Inputs), $"seed {seed}, {name}, {c}");
        }
    }

    [Theory]
    [InlineData("csr16")]
    [InlineData("bsr16-4x1")]
    [InlineData("dense")]
    public void A_row_longer_than_what_is_staged_at_once_is_summed_whole(string name)
    {
        ConvFormat format = ConvFormat.Of(name);
        var random = new Random(5);
        ConvCase c = new ConvCase
        {
            Channels = 1100,
            Outputs = 3,
            Groups = 1,
            Height = 2,
            Width = 3,
            Window = ConvWindow.Square(1),
            Slots = Slots.Grid(2, 2),
        }.Fill(random, 0, residual: true);
        (double[] expected, double[] magnitude) = c.Reference();
        foreach (int threads in new[] { 1, 4 })
        {
            KernelRun.AssertClose(expected, magnitude, Run(c.Build(format), threads, 1, c.Inputs), $"{threads} threads, {name}");
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(3, 0, 0)]
    [InlineData(6, 1, 4)]
    [InlineData(6, 4, 1)]
    [InlineData(7, 8, 1)]
    [InlineData(7, 16, 1)]
    [InlineData(7, 4, 4)]
    [InlineData(8, 2, 4)]
    [InlineData(8, 4, 8)]
    [InlineData(10, 3, 0)]
    public void A_fully_connected_layer_agrees_with_a_reference_for_one_sample_and_for_several(
        int format, int rowsOfBlock, int columnsOfBlock) =>
        AssertAgrees(seed => LinearCase.Random(seed, (WeightFormat)format, rowsOfBlock, columnsOfBlock));

    [Theory]
    [InlineData(16, 64, 4)]
    [InlineData(8, 16, 2)]
    [InlineData(3, 5, 1)]
    public void A_layer_in_slices_agrees_with_a_reference_for_one_sample_and_for_several(int lanes, int window, int entries) =>
        AssertAgrees(seed => LinearCase.Random(seed, WeightFormat.SlicedEll, lanes, window, entries));

    private static void AssertAgrees(Func<int, LinearCase> make)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            LinearCase layer = make(seed);
            KernelRun.AssertClose(
                layer.Expected, layer.Magnitude, KernelRun.Run(layer.Blob, InstructionSet.Scalar, layer.Inputs), $"seed {seed}, {layer}");
            int batch = 2 + (seed % 5);
            int threads = seed < 10 ? 1 : 8;
            float[] all = Run(layer.Blob, threads, batch, layer.Inputs);
            for (int sample = 0; sample < batch; sample++)
            {
                KernelRun.AssertClose(
                    layer.Expected, layer.Magnitude, all.AsSpan(sample * layer.Expected.Length, layer.Expected.Length).ToArray(),
                    $"seed {seed}, {layer}, sample {sample} of {batch}, {threads} threads");
            }
        }
    }

    /// <summary>The outputs of a batch whose samples are all the same.</summary>
    private static float[] Run(BlobBuilder blob, int groupThreads, int batch, float[][] inputs)
    {
        using Model model = Model.FromBytes(blob.Build());
        lock (TestAccelerator.Shared)
        {
            using var session = new GpuSession(model, TestAccelerator.Shared, groupThreads, batch);
            for (int i = 0; i < inputs.Length; i++)
            {
                session.SetInput(i, [.. Enumerable.Repeat(inputs[i], batch).SelectMany(x => x)]);
            }

            session.Run();
            float[] outputs = new float[model.Outputs[0].ElementCount * batch];
            session.GetOutput(0, outputs);
            return outputs;
        }
    }

    private static ConvCase Random(Random random, ConvFormat format, OperationRecord window, int height, int width, double sparsity)
    {
        bool depthwise = format.Format == WeightFormat.Depthwise;

        // So few channels that the distances of one kernel row to the next fit into 8 bits, or can be bridged.
        bool delta = format.Format == WeightFormat.CsrDelta8;
        int groups = depthwise ? random.Next(1, 7) : SparseCase.Pick(random, 1, 1, 2, delta ? 1 : 3);
        int groupChannels = depthwise ? 1 : delta ? random.Next(1, (5 / groups) + 1) : format.LeastChannels + random.Next(6);
        Slots grid = SlotCase.Grid(random);
        Slots flat = Slots.Flat(SparseCase.Pick(random, 4, 8, 16));
        var activation = (Activation)random.Next(6);
        return new ConvCase
        {
            Channels = groups * groupChannels,
            Outputs = groups * (depthwise ? random.Next(1, 4) : random.Next(1, 24 / groups)),
            Groups = groups,
            Height = height,
            Width = width,
            Window = window,
            Slots = SlotCase.Vary(random, window.IsOnePixel() && random.Next(2) == 0 ? flat : grid),
            InputStrides = new Slots { ChannelsOutside = !delta && random.Next(2) == 0, RowGap = random.Next(2), OuterGap = random.Next(2) },
            Chunks = format.HasChunks ? random.Next(1, Math.Min(groupChannels, 3) + 1) : 1,
            Activation = activation,
            Parameters = activation switch
            {
                Activation.Clip => (-0.5f, 1.5f),
                Activation.LeakyRelu => (0.125f, 0),
                _ => (0, 0),
            },
        }.Fill(random, sparsity, residual: random.Next(2) == 0);
    }
}
