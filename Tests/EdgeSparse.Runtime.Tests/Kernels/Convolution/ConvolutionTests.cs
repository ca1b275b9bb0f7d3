using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>
/// Every kernel of convolutions: against nested loops in double precision, within 3 · 10⁻⁶ of the sum of the terms' magnitudes
/// (<see cref="KernelRun.AssertClose"/>), and with the same bits for any number of workers.
/// </summary>
public sealed class ConvolutionTests
{
    /// <summary>Cases that every kernel must have run at least.</summary>
    private const int FewestCases = 5;

    public static TheoryData<string> Formats => [.. ConvFormat.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_kernel_agrees_with_a_reference_for_every_window_and_map(string name)
    {
        ConvFormat format = ConvFormat.Of(name);
        Dictionary<string, int> cases = [];
        for (int i = 0; i < ConvWindow.All.Length * ConvWindow.Maps.Length; i++)
        {
            OperationRecord window = ConvWindow.All[i % ConvWindow.All.Length];
            (int height, int width) = ConvWindow.Maps[i / ConvWindow.All.Length];
            if (window.OutputOf(height, width) is not { Height: > 0, Width: > 0 })
            {
                continue;
            }

            ConvCase c = Random(new Random(i), format, window, height, width, SparseCase.Sparsities[i % 5]);
            BlobBuilder blob = c.Build(format);
            (double[] expected, double[] magnitude) = c.Reference();
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] y = KernelRun.Run(blob, set, c.Inputs);
                KernelRun.AssertClose(expected, magnitude, y, $"seed {i}, {name}, {c}, {set}");
                SlotCase.AssertSameForWorkers(blob, set, y, c.Inputs);
                string kernel = KernelOf(blob, set);
                cases[kernel] = cases.GetValueOrDefault(kernel) + 1;
            }
        }

        string[] kernels = [.. Kernels().Where(k => k.StartsWith($"conv2d-{name}-", StringComparison.Ordinal))];
        Assert.NotEmpty(kernels);
        Assert.All(kernels, k => Assert.InRange(cases.GetValueOrDefault(k), FewestCases, int.MaxValue));
    }

    [Fact]
    public void No_kernel_of_convolutions_has_another_format_than_these() => Assert.All(
        Kernels().Where(k => k.StartsWith("conv2d-", StringComparison.Ordinal)),
        k => Assert.Contains(ConvFormat.All, f => k.StartsWith($"conv2d-{f.Name}-", StringComparison.Ordinal)));

    [Theory]
    [InlineData("csr16")]
    [InlineData("bsr16-4x1")]
    [InlineData("dense")]
    public void Tiles_of_any_length_agree_with_a_reference(string name)
    {
        ConvFormat format = ConvFormat.Of(name);
        for (int width = 1; width <= 80; width++)
        {
            var random = new Random(width);
            ConvCase c = new ConvCase
            {
                Channels = 3,
                Outputs = 6,
                Groups = 1,
                Height = 1 + (width % 3),
                Width = width,
                Window = ConvWindow.Square(1) with { TileVectors = random.Next(9) },
                Slots = Slots.Grid(1, SparseCase.Pick(random, 4, 16)),
            }.Fill(random, 0.5, residual: false);
            (double[] expected, double[] magnitude) = c.Reference();
            BlobBuilder blob = c.Build(format);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                KernelRun.AssertClose(expected, magnitude, KernelRun.Run(blob, set, c.X), $"width {width}, {name}, {set}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_value_is_added_in_place_as_from_elsewhere(string name)
    {
        ConvFormat format = ConvFormat.Of(name);
        for (int seed = 0; seed < 8; seed++)
        {
            var random = new Random(seed);
            ConvCase c = Random(random, format, ConvWindow.Square(3, pad: 1), 5 + seed, 9, 0.5);
            c = c.Fill(random, 0.5, residual: true) with { InPlace = false };
            foreach (InstructionSet set in KernelRun.Sets)
            {
                float[] expected = WorkerRun.Run(c.Build(format), set, 1, c.Inputs);
                Assert.Equal(expected, WorkerRun.Run((c with { InPlace = true }).Build(format), set, 1, c.Inputs));
                Assert.Equal(expected, WorkerRun.Run((c with { InPlace = true }).Build(format), set, 3, c.Inputs));
            }
        }
    }

    [Fact]
    public void A_three_by_three_sum_over_a_padded_map_has_these_values()
    {
        var c = new ConvCase
        {
            Channels = 1,
            Outputs = 1,
            Groups = 1,
            Height = 2,
            Width = 3,
            Window = ConvWindow.Square(3, pad: 1),
            Slots = Slots.Grid(2, 2),
            X = [1, 2, 3, 4, 5, 6],
            Weights = [1, 1, 1, 1, 1, 1, 1, 1, 1],
            Bias = [-13],
        };
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([-1f, 8, 3, -1, 8, 3], KernelRun.Run(c.Build(ConvFormat.Of("dense")), set, c.X));
            ConvCase relu = c with { Activation = Activation.Relu };
            Assert.Equal([0f, 8, 3, 0, 8, 3], KernelRun.Run(relu.Build(ConvFormat.Of("csr16")), set, c.X));
            ConvCase added = relu with { Residual = [10, 0, 0, -10, -10, -10] };
            Assert.Equal([9f, 8, 3, 0, 0, 0], KernelRun.Run(added.Build(ConvFormat.Of("bsr16-4x1")), set, added.Inputs));
        }
    }

    private static IEnumerable<string> Kernels() => KernelTable.For(Hardware.Best).Select(k => k.Name);

    private static string KernelOf(BlobBuilder blob, InstructionSet set)
    {
        using Model model = Model.FromBytes(blob.Build(), set);
        return model.Layers.Single(l => l.Operation == nameof(OperationKind.Conv2d)).Kernel;
    }

    /// <summary>Channels, rows, layout, chunks, activation and a value to add at random.</summary>
    private static ConvCase Random(Random random, ConvFormat format, OperationRecord window, int height, int width, double sparsity)
    {
        bool depthwise = format.Format == WeightFormat.Depthwise;

        // So few channels that the distances of one kernel row to the next fit into 8 bits, or can be bridged.
        bool delta = format.Format == WeightFormat.CsrDelta8;
        int groups = depthwise ? random.Next(1, 7) : SparseCase.Pick(random, 1, 1, 2, delta ? 1 : 3);
        int groupChannels = depthwise ? 1 : delta ? random.Next(1, (5 / groups) + 1) : format.LeastChannels + random.Next(6);
        Slots grid = SlotCase.Grid(random);
        Slots flat = Slots.Flat(SparseCase.Pick(random, 4, 8, 16));
        Slots slots = SlotCase.Vary(random, window.IsOnePixel() && random.Next(2) == 0 ? flat : grid);
        var activation = (Activation)random.Next(6);
        return new ConvCase
        {
            Channels = groups * groupChannels,
            Outputs = groups * (depthwise ? random.Next(1, 4) : random.Next(1, 24 / groups)),
            Groups = groups,
            Height = height,
            Width = width,
            Window = window with { TileVectors = random.Next(2) * random.Next(9) },
            Slots = slots,
            InputStrides = new Slots
            {
                ChannelsOutside = !delta && random.Next(2) == 0,
                RowGap = random.Next(2),
                OuterGap = random.Next(2),
                Before = random.Next(2),
                Top = random.Next(2),
                Bottom = random.Next(2),
            },
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
