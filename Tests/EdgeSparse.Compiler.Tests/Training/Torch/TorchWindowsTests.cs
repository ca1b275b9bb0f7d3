using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Compiler.Training.Torch;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

public sealed class TorchWindowsTests
{
    public static TheoryData<Window2d, bool> Windows => new()
    {
        { Window2d.Square(2, 2), false },
        { Window2d.Square(2, 2), true },
        { Window2d.Square(3, 2, 1), true },
        { new Window2d(3, 2, 2, 1, 1, 0, 2, 1), false },
        { new Window2d(3, 2, 2, 3, 1, 0, 2, 1), true },
        { new Window2d(2, 3, 1, 2, 0, 1, 1, 2, 2, 1), false },
        { new Window2d(2, 2, 3, 3, 1, 1, 0, 0, 2, 2), true },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void Max_pooling_agrees_with_the_definition(Window2d window, bool ceilMode)
    {
        using torch.Tensor x = Input();
        using torch.Tensor y = TorchWindows.MaxPool(x, window, ceilMode);
        Assert.Equal(Pool(window, ceilMode, (values, _) => values.Max()), TorchGraph.Download(y));
    }

    [Theory]
    [MemberData(nameof(Windows))]
    public void Average_pooling_agrees_with_the_definition(Window2d window, bool ceilMode)
    {
        using torch.Tensor x = Input();
        foreach (bool countPadding in new[] { false, true })
        {
            using torch.Tensor y = TorchWindows.AveragePool(x, window, ceilMode, countPadding);
            float[] expected = Pool(window, ceilMode, (values, padded) => values.Sum() / (values.Count + (countPadding ? padded : 0)));
            Assert.Equal(expected.Length, (int)y.numel());
            Assert.All(TorchGraph.Download(y).Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
        }
    }

    [Fact]
    public void Asymmetric_padding_of_a_convolution_is_explicit()
    {
        TorchLibrary.EnsureLoaded();
        using torch.Tensor x = torch.tensor([1f, 2f, 3f, 4f], [1, 1, 2, 2]);
        using torch.Tensor kernel = torch.tensor([1f, 10f, 100f, 1000f], [1, 1, 2, 2]);
        using torch.Tensor y = TorchWindows.Convolve(x, kernel, null, new Window2d(2, 2, PadTop: 1, PadRight: 1), 1);

        // Rows of zeros above and a column of zeros on the right: windows (0 0 1 2), (0 0 2 0), (1 2 3 4), (2 0 4 0).
        Assert.Equal([2100f, 200f, 4321f, 402f], TorchGraph.Download(y));
    }

    private static float Value(int channel, int row, int column) => ((channel * 37) + (row * 11) + (column * 5)) % 17 - 8;

    private static torch.Tensor Input()
    {
        TorchLibrary.EnsureLoaded();
        float[] values = [.. from c in Enumerable.Range(0, 2) from r in Enumerable.Range(0, 7) from k in Enumerable.Range(0, 6) select Value(c, r, k)];
        return torch.tensor(values, [1, 2, 7, 6]);
    }

    /// <summary>Windows by their definition; the reducer gets the values inside the picture and the number of padded cells.</summary>
    private static float[] Pool(Window2d w, bool ceilMode, Func<List<float>, int, float> reduce)
    {
        List<float> result = [];
        for (int channel = 0; channel < 2; channel++)
        {
            for (int outRow = 0; outRow < w.OutputRows(7, ceilMode); outRow++)
            {
                for (int outColumn = 0; outColumn < w.OutputColumns(6, ceilMode); outColumn++)
                {
                    List<float> inside = [];
                    int padded = 0;
                    for (int i = 0; i < w.KernelY * w.KernelX; i++)
                    {
                        int row = (outRow * w.StrideY) - w.PadTop + (i / w.KernelX * w.DilationY);
                        int column = (outColumn * w.StrideX) - w.PadLeft + (i % w.KernelX * w.DilationX);
                        if (row is >= 0 and < 7 && column is >= 0 and < 6)
                        {
                            inside.Add(Value(channel, row, column));
                        }
                        else if (row < 7 + w.PadBottom && column < 6 + w.PadRight)
                        {
                            padded++;
                        }
                    }

                    result.Add(reduce(inside, padded));
                }
            }
        }

        return [.. result];
    }
}
