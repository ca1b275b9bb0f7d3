using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Compiler.Tests.Data;

public sealed class IdxDatasetTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("mnist", 5, 7)]
    [InlineData("fashion-mnist", 9, 9)]
    public void The_shared_set_opens_whole_and_is_the_official_one(string name, int firstTrainLabel, int firstTestLabel)
    {
        DataLocations locations = new();
        Assert.SkipWhen(locations.FromVariable is null, $"{DataLocations.Variable} is not set");
        Dataset set = DatasetCatalog.Open(name, locations);
        Assert.Equal("1×28×28", set.SampleShape.ToString());
        Assert.Equal((60000, 10000), (set.Train.Count, set.Test.Count));
        Assert.Equal((firstTrainLabel, firstTestLabel), (set.Train.LabelOf(0), set.Test.LabelOf(0)));
        float[] sample = DataFolder.Read(set.Train, 0, 784);
        Assert.Equal(1f, sample.Max());
        Assert.Equal(0f, sample.Min());
    }

    [Fact]
    public void Pixels_come_as_parts_of_255_and_scaling_leaves_black_at_zero()
    {
        WriteSet();
        Dataset set = Open();
        Assert.Equal("1×1×2", set.SampleShape.ToString());
        Assert.Equal([0f, 51 / 255f], DataFolder.Read(set.Train, 0, 2));
        Assert.Equal([1f, 102 / 255f], DataFolder.Read(set.Train, 1, 2));
        Assert.Equal([9, 0], [set.Train.LabelOf(0), set.Train.LabelOf(1)]);
        Assert.Equal((2, 1), (set.Train.Count, set.Test.Count));
        Assert.Equal([0f], set.Scaling.Mean);
        Assert.Equal([1f], set.Scaling.Std);
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], set.ClassNames);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        WriteSet();
        File.Delete(Path.Combine(folder.Root, "mnist", "t10k-labels-idx1-ubyte"));
        Refuses("mnist: t10k-labels-idx1-ubyte.gz (or t10k-labels-idx1-ubyte) is missing");
    }

    [Fact]
    public void A_truncated_file_is_refused()
    {
        string path = WriteSet();
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Refuses("train-images-idx3-ubyte: truncated: its idx content needs 4 bytes and 3 are there");
    }

    [Fact]
    public void A_corrupt_gzip_file_is_refused()
    {
        string path = WriteSet();
        byte[] packed = DataFolder.Gzip(File.ReadAllBytes(path));
        packed[12] ^= 0x40;
        File.Delete(path);
        File.WriteAllBytes(path + ".gz", packed);
        Refuses("train-images-idx3-ubyte.gz: ");
    }

    [Fact]
    public void More_labels_than_images_are_refused()
    {
        WriteSet();
        folder.Write("mnist/train-labels-idx1-ubyte", DataFolder.Idx([3], 1, 2, 3));
        Refuses("train-labels-idx1-ubyte: 3 labels for the 2 images of train-images-idx3-ubyte");
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused()
    {
        WriteSet();
        folder.Write("mnist/train-labels-idx1-ubyte", DataFolder.Idx([2], 1, 10));
        Refuses("label 10 of sample 1 is not one of the 10 classes (0 to 9)");
    }

    [Fact]
    public void Test_images_of_another_size_are_refused()
    {
        WriteSet();
        folder.Write("mnist/t10k-images-idx3-ubyte", DataFolder.Idx([1, 2, 1], 7, 8));
        Refuses("training images are 1×2, test images 2×1");
    }

    [Fact]
    public void A_file_as_long_as_the_official_one_with_other_bytes_is_damaged()
    {
        WriteSet();
        folder.Write("mnist/t10k-labels-idx1-ubyte", DataFolder.Idx([10_000], new byte[10_000]));
        folder.Write("mnist/t10k-images-idx3-ubyte", DataFolder.Idx([10_000, 1, 2], new byte[20_000]));
        Refuses("t10k-labels-idx1-ubyte: damaged: the SHA-256 of its content is ");
        Assert.Equal(10_000, DatasetCatalog.Open(Path.Combine(folder.Root, "mnist"), folder.Locations).Test.Count);
    }

    private string WriteSet()
    {
        string images = folder.Write("mnist/train-images-idx3-ubyte", DataFolder.Idx([2, 1, 2], 0, 51, 255, 102));
        folder.WriteGzip("mnist/train-labels-idx1-ubyte.gz", DataFolder.Idx([2], 9, 0));
        folder.WriteGzip("mnist/t10k-images-idx3-ubyte.gz", DataFolder.Idx([1, 1, 2], 7, 8));
        folder.Write("mnist/t10k-labels-idx1-ubyte", DataFolder.Idx([1], 3));
        return images;
    }

    private Dataset Open() => DatasetCatalog.Open("mnist", folder.Locations);

    private void Refuses(string expected) => Assert.Contains(expected, Assert.Throws<DataException>(Open).Message);
}
