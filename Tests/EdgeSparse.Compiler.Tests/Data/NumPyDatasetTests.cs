using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Compiler.Tests.Data;

public sealed class NumPyDatasetTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Of_a_single_pair_every_sixth_sample_is_for_test()
    {
        folder.WriteFloats("x.npy", [.. Enumerable.Range(0, 26).Select(i => i / 2f)], 13, 2);
        folder.Write("y.npy", DataFolder.Npy("|u1", "(13,)", [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0]));
        Dataset set = Open();
        Assert.Equal("2", set.SampleShape.ToString());
        Assert.Equal((11, 2), (set.Train.Count, set.Test.Count));
        Assert.Equal([5f, 5.5f], DataFolder.Read(set.Test, 0, 2));
        Assert.Equal([11f, 11.5f], DataFolder.Read(set.Test, 1, 2));
        Assert.Equal([6f, 6.5f], DataFolder.Read(set.Train, 5, 2));
        Assert.Equal([5, 5, 0], [set.Test.LabelOf(0), set.Test.LabelOf(1), set.Train.LabelOf(10)]);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], set.ClassNames);
        Assert.Equal([1f], set.Scaling.Std);
    }

    [Fact]
    public void Four_files_are_taken_as_they_are_and_bytes_are_pixels()
    {
        folder.Write("train-x.npy", DataFolder.Npy("|u1", "(2, 3, 1, 1)", [0, 51, 102, 153, 204, 255]));
        folder.Write("train-y.npy", DataFolder.Npy("<i8", "(2, 1)", [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
        folder.Write("test-x.npy", DataFolder.Npy("|u1", "(1, 3, 1, 1)", [255, 0, 255]));
        folder.Write("test-y.npy", DataFolder.Npy("|u1", "(1,)", [2]));
        Dataset set = Open();
        Assert.Equal("3×1×1", set.SampleShape.ToString());
        Assert.Equal([153 / 255f, 204 / 255f, 1f], DataFolder.Read(set.Train, 1, 3));
        Assert.Equal([1, 0, 2], [set.Train.LabelOf(0), set.Train.LabelOf(1), set.Test.LabelOf(0)]);
        Assert.Equal(3, set.ClassNames.Length);
        Assert.Equal([0f, 0f, 0f], set.Scaling.Mean);
    }

    [Fact]
    public void Rows_and_columns_alone_are_one_channel()
    {
        folder.WriteFloats("x.npy", new float[12 * 6], 12, 2, 3);
        folder.Write("y.npy", DataFolder.Npy("|u1", "(12,)", new byte[12]));
        Assert.Equal("1×2×3", Open().SampleShape.ToString());
    }

    [Theory]
    [InlineData("|u1", "(12,)", 11, "x.npy: has 1 dimensions")]
    [InlineData("|u1", "(6, 2)", 6, "y.npy: 12 labels for the 6 samples of x.npy")]
    public void A_wrong_shape_of_x_is_refused(string descriptor, string shape, int seed, string expected)
    {
        byte[] data = new byte[12];
        new Random(seed).NextBytes(data);
        folder.Write("x.npy", DataFolder.Npy(descriptor, shape, data));
        folder.Write("y.npy", DataFolder.Npy("|u1", "(12,)", new byte[12]));
        Refuses(expected);
    }

    [Theory]
    [InlineData("|i1", "(6,)", 6, "y.npy: label -1 of sample 0")]
    [InlineData("<f4", "(6,)", 24, "labels of type Float32; they are whole numbers")]
    [InlineData("|u1", "(3, 2)", 6, "y.npy: has the shape 3×2; labels are one whole number a sample")]
    public void Labels_that_are_no_classes_are_refused(string descriptor, string shape, int bytes, string expected)
    {
        folder.WriteFloats("x.npy", new float[6], 6, 1);
        folder.Write("y.npy", DataFolder.Npy(descriptor, shape, [.. Enumerable.Repeat((byte)255, bytes)]));
        Refuses(expected);
    }

    [Fact]
    public void A_missing_partner_or_too_few_samples_are_refused()
    {
        folder.WriteFloats("x.npy", new float[5], 5, 1);
        Refuses("y.npy: there is no such file");
        folder.Write("y.npy", DataFolder.Npy("|u1", "(5,)", new byte[5]));
        Refuses("5 samples in x.npy; at least 6");
    }

    [Fact]
    public void Training_and_test_samples_of_different_shape_are_refused()
    {
        folder.WriteFloats("train-x.npy", new float[4], 2, 2);
        folder.Write("train-y.npy", DataFolder.Npy("|u1", "(2,)", new byte[2]));
        folder.WriteFloats("test-x.npy", new float[6], 2, 3);
        folder.Write("test-y.npy", DataFolder.Npy("|u1", "(2,)", new byte[2]));
        Refuses("samples of train-x.npy are 2 of numbers, those of test-x.npy 3 of numbers");
    }

    private Dataset Open() => DatasetCatalog.Open(folder.Root, folder.Locations);

    private void Refuses(string expected) => Assert.Contains(expected, Assert.Throws<DataException>(Open).Message);
}
