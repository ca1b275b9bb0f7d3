using System.Collections.Immutable;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Runtime.Tests.Inputs;

public sealed class SampleReaderTests : IDisposable
{
    private static readonly PixelScaling Grey = new([0.5f], [0.25f]);
    private static readonly PixelScaling Colour = new([0f, 0.5f, 1f], [1f, 0.5f, 0.25f]);
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Float_arrays_are_taken_as_they_are()
    {
        Assert.Equal([[0.1f, 0.2f], [3f, 4f]], SampleReader.Read(Floats([0.1f, 0.2f, 3f, 4f], 2, 2), Input(null, 1, 2)));
        Assert.Equal([[0.1f, 0.2f]], SampleReader.Read(Floats([0.1f, 0.2f], 1, 2), Input(Grey, 1, 2)));
    }

    [Theory]
    [InlineData(1, 1, 2, 2)]
    [InlineData(1, 2, 2)]
    [InlineData(2, 2)]
    [InlineData(1, 4)]
    [InlineData(4)]
    public void One_sample_may_leave_out_its_batch_and_its_ones(params int[] shape) =>
        Assert.Single(SampleReader.Read(Floats([1f, 2f, 3f, 4f], shape), Input(null, 1, 1, 2, 2)));

    [Theory]
    [InlineData(3, 1, 2, 2)]
    [InlineData(3, 2, 2)]
    [InlineData(3, 4)]
    public void The_first_dimension_counts_samples(params int[] shape) =>
        Assert.Equal([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]], SampleReader.Read(Floats([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], shape), Input(null, 1, 1, 2, 2)));

    [Theory]
    [InlineData("1×3×2", 1, 3, 2)]
    [InlineData("6×2", 6, 2)]
    [InlineData("5", 5)]
    public void A_wrong_shape_is_refused_with_both_shapes(string text, params int[] shape)
    {
        string path = Floats(new float[shape.Aggregate(1, (a, b) => a * b)], shape);
        string message = Assert.Throws<InputFormatException>(() => SampleReader.Read(path, Input(null, 1, 2, 3))).Message;
        Assert.Equal($"{path}: an array of {text}; the network's input 'x' is 1×2×3, or N samples of it", message);
    }

    [Fact]
    public void Bytes_of_NumPy_and_idx_are_scaled_per_channel()
    {
        // (255/255 − 0)/1, (51/255 − 0.5)/0.5, (0/255 − 1)/0.25
        float[][] expected = [[1f, -0.6f, -4f]];
        string npy = folder.Write("a.npy", NpyFileTests.File("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 3, 1, 1)}", [255, 51, 0]));
        string idx = folder.WriteGzip("a.gz", [0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 255, 51, 0]);
        Assert.Equal(expected, SampleReader.Read(npy, Input(Colour, 1, 3, 1, 1)));
        Assert.Equal(expected, SampleReader.Read(idx, Input(Colour, 1, 3, 1, 1)));
    }

    [Fact]
    public void Images_of_an_idx_file_fit_a_vector_input()
    {
        string idx = folder.Write("a.idx", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 0]);
        Assert.Equal([[-2f, 2f], [2f, -2f]], SampleReader.Read(idx, Input(Grey, 1, 2)));
    }

    [Fact]
    public void A_colour_picture_becomes_planes()
    {
        string png = folder.Write("a.png", PngWriter.Encode(2, 8, 2, [[255, 51, 0, 0, 255, 255]], _ => 0));
        Assert.Equal([[1f, 0f, -0.6f, 1f, -4f, 0f]], SampleReader.Read(png, Input(Colour, 1, 3, 1, 2)));
    }

    [Fact]
    public void A_grey_picture_fills_the_three_channels_of_a_colour_network()
    {
        string png = folder.Write("a.png", PngWriter.Encode(1, 8, 0, [[255]], _ => 0));
        Assert.Equal([[1f, 1f, 0f]], SampleReader.Read(png, Input(Colour, 1, 3, 1, 1)));
    }

    [Fact]
    public void A_colour_picture_becomes_luma_for_a_grey_network()
    {
        // PIL: Image.new("RGB", (1, 1), (200, 100, 50)).convert("L") is 124.
        string png = folder.Write("a.png", PngWriter.Encode(1, 8, 2, [[200, 100, 50]], _ => 0));
        Assert.Equal([[((124 / 255f) - 0.5f) / 0.25f]], SampleReader.Read(png, Input(Grey, 1, 1)));
    }

    [Fact]
    public void A_picture_of_another_size_is_refused()
    {
        string png = folder.Write("a.png", PngWriter.Encode(2, 8, 0, [[1, 2]], _ => 0));
        string message = Assert.Throws<InputFormatException>(() => SampleReader.Read(png, Input(Grey, 1, 1, 2, 1))).Message;
        Assert.Equal($"{png}: a picture of 2×1 pixels (width × height); the network's input 'x' is 1×1×2×1", message);
    }

    [Fact]
    public void Pixels_need_a_model_that_says_how_they_become_input()
    {
        string png = folder.Write("a.png", PngWriter.Encode(1, 8, 0, [[1]], _ => 0));
        Assert.Contains("does not say how they become its input 'x'", Assert.Throws<InputFormatException>(() => SampleReader.Read(png, Input(null, 1, 1))).Message);
        Assert.Contains("1 means and 1 deviations", Assert.Throws<InputFormatException>(() => SampleReader.Read(png, Input(Grey, 1, 3, 1, 1))).Message);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 })]
    public void A_file_of_another_kind_is_refused(byte[] bytes)
    {
        string path = folder.Write("photo.jpg", bytes);
        string message = Assert.Throws<InputFormatException>(() => SampleReader.Read(path, Input(Grey, 1, 1))).Message;
        Assert.Equal($"{path}: neither a .npy, nor an .idx, nor a .png file by its content", message);
    }

    private static TensorInfo Input(PixelScaling? scaling, params int[] shape) =>
        new("x", ImmutableArray.Create(shape), shape.Aggregate(1, (a, b) => a * b), scaling);

    private string Floats(float[] values, params int[] shape)
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, values, shape);
        return folder.Write("floats.npy", stream.ToArray());
    }
}
