using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

public sealed class Conv2dTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Conv2d_agrees_with_a_reference_in_double_precision_whatever_the_shape(int format)
    {
        for (int seed = 0; seed < 300; seed++)
        {
            ConvCase c = ConvCase.Random(new Random(seed), SparseCase.Sparsities[seed % 5]);
            BlobBuilder blob = c.Build((WeightFormat)format);
            (double[] expected, double[] magnitude) = c.Reference();
            foreach (InstructionSet set in KernelRun.Sets)
            {
                KernelRun.AssertClose(expected, magnitude, KernelRun.Run(blob, set, c.X), $"seed {seed}, {c}, {set}");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Conv2d_agrees_for_every_width_up_to_eighty_pixels(int format)
    {
        for (int width = 1; width <= 80; width++)
        {
            var random = new Random(width);
            ConvCase c = ConvCase.Random(random, 0.5) with
            {
                Channels = 2,
                Outputs = 5,
                Groups = 1,
                Height = 1 + (width % 3),
                Width = width,
                Kernel = 1,
                Stride = 1,
                Pad = 0,
                Dilation = 1,
            };
            c = c.Fill(random, 0.5);
            (double[] expected, double[] magnitude) = c.Reference();
            BlobBuilder blob = c.Build((WeightFormat)format);
            foreach (InstructionSet set in KernelRun.Sets)
            {
                KernelRun.AssertClose(expected, magnitude, KernelRun.Run(blob, set, c.X), $"width {width}, {set}");
            }
        }
    }

    [Fact]
    public void A_three_by_three_mean_over_a_padded_plane_has_these_values()
    {
        var c = new ConvCase
        {
            Channels = 1,
            Outputs = 1,
            Groups = 1,
            Height = 2,
            Width = 3,
            Kernel = 3,
            Stride = 1,
            Pad = 1,
            Dilation = 1,
            X = [1, 2, 3, 4, 5, 6],
            Weights = [1, 1, 1, 1, 1, 1, 1, 1, 1],
            Bias = [-13],
        };
        foreach (InstructionSet set in KernelRun.Sets)
        {
            Assert.Equal([-1f, 8, 3, -1, 8, 3], KernelRun.Run(c.Build(WeightFormat.Dense), set, c.X));
            Assert.Equal([0f, 8, 3, 0, 8, 3], KernelRun.Run((c with { Relu = true }).Build(WeightFormat.Csr16), set, c.X));
        }
    }
}
