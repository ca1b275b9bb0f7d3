using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Cifar;
using EdgeSparse.Compiler.Data.Downloads;
using EdgeSparse.Compiler.Reporting;

namespace EdgeSparse.Compiler.Tests.Data.Cifar;

public sealed class CifarDatasetTests : IDisposable
{
    private const int Pixels = 3072;
    private static readonly CifarDataset SmallTen = CifarDataset.Ten with { TrainFileImages = 2, TestFileImages = 1 };
    private static readonly CifarDataset SmallHundred = CifarDataset.Hundred with { TrainFileImages = 2, TestFileImages = 1 };
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("data_batch_{0}.bin", "test_batch.bin")]
    [InlineData("cifar-10-batches-bin/data_batch_{0}.bin", "cifar-10-batches-bin/test_batch.bin")]
    [InlineData("train-{0}.bin", "test.bin")]
    public void Records_are_read_from_each_layout(string train, string test)
    {
        Write(train, test);
        Dataset set = SmallTen.Read("cifar-10", folder.Root, KnownContent.Anything, IProgressSink.Silent);
        Assert.Equal("3×32×32", set.SampleShape.ToString());
        Assert.Equal((10, 1), (set.Train.Count, set.Test.Count));
        Assert.Equal([1, 9, 2, 9, 3, 9, 4, 9, 5, 9], Enumerable.Range(0, 10).Select(set.Train.LabelOf));
        Assert.Equal(8, set.Test.LabelOf(0));
        float[] sample = DataFolder.Read(set.Train, 4, Pixels);
        Assert.Equal((10 / 255f, 20 / 255f, 33 / 255f), (sample[0], sample[1024], sample[3071]));
        Assert.Equal("truck", set.ClassNames[9]);
        Assert.Equal(0.4914f, set.Scaling.Mean[0]);
    }

    [Fact]
    public void Packed_images_come_out_as_they_were()
    {
        Random random = new(5);
        byte[] records = new byte[7 * 3073];
        random.NextBytes(records);
        Assert.Equal(records, MedianEdgeImages.ToRecords(Pack(records)));
    }

    [Fact]
    public void CIFAR_100_takes_the_fine_label()
    {
        folder.Write("cifar-100-binary/train.bin", [.. Record(3, 99), .. Record(4, 0)]);
        folder.Write("cifar-100-binary/test.bin", Record(5, 42));
        Dataset set = SmallHundred.Read("cifar-100", folder.Root, KnownContent.Anything, IProgressSink.Silent);
        Assert.Equal([99, 0, 42], [set.Train.LabelOf(0), set.Train.LabelOf(1), set.Test.LabelOf(0)]);
        Assert.Equal(("apple", "leopard", "worm"), (set.ClassNames[0], set.ClassNames[42], set.ClassNames[99]));
        Assert.Equal(100, set.ClassNames.Distinct().Count());
    }

    [Fact]
    public void A_missing_truncated_or_longer_file_is_named()
    {
        Write("train-{0}.bin", "test.bin");
        folder.Write("train-3.bin", new byte[3073]);
        Refuses("train-3.bin: truncated: its content of 2 images needs 6146 bytes and 3073 are there");
        folder.Write("train-3.bin", new byte[(2 * 3073) + 1]);
        Refuses("train-3.bin: has more bytes than its header states");
        File.Delete(Path.Combine(folder.Root, "train-3.bin"));
        Refuses("train-3.bin: there is no such file");
    }

    [Fact]
    public void A_label_that_is_no_class_is_refused()
    {
        Write("train-{0}.bin", "test.bin");
        folder.Write("test.bin", Record(10));
        Refuses("test.bin: label 10 of sample 0 is not one of the 10 classes");
    }

    [Fact]
    public void The_shared_set_decodes_to_the_bytes_that_it_was_made_from()
    {
        DataLocations locations = new();
        Assert.SkipWhen(locations.FromVariable is null, $"{DataLocations.Variable} is not set");

        // Opening by name checks the SHA-256 of each of the six decoded files.
        Dataset set = DatasetCatalog.Open("cifar-10", locations);
        Assert.Equal((50000, 10000), (set.Train.Count, set.Test.Count));
        int[] ofClass = new int[10];
        for (int i = 0; i < set.Test.Count; i++)
        {
            ofClass[set.Test.LabelOf(i)]++;
        }

        Assert.All(ofClass, count => Assert.Equal(1000, count));
    }

    private void Write(string train, string test)
    {
        for (int k = 1; k <= 5; k++)
        {
            folder.Write(string.Format(null, train, k), [.. Record((byte)k), .. Record(9)]);
        }

        folder.Write(test, Record(8));
    }

    /// <summary>Label bytes, then 10 throughout red, 20 throughout green, 30 throughout blue but for the last, 33.</summary>
    private static byte[] Record(params byte[] labels) =>
        [.. labels, .. Enumerable.Repeat((byte)10, 1024), .. Enumerable.Repeat((byte)20, 1024), .. Enumerable.Repeat((byte)30, 1023), 33];

    private void Refuses(string expected) =>
        Assert.Contains(expected, Assert.Throws<DataException>(() => SmallTen.Read("cifar-10", folder.Root, KnownContent.Anything, IProgressSink.Silent)).Message);

    private static byte[] Pack(byte[] records)
    {
        int count = records.Length / 3073;
        byte[] packed = new byte[records.Length];
        for (int image = 0; image < count; image++)
        {
            packed[image] = records[image * 3073];
            for (int p = 0; p < 3; p++)
            {
                byte[] plane = new byte[1024];
                for (int i = 0; i < 1024; i++)
                {
                    int start = (image * 3073) + 1 + i;
                    byte green = records[start + 1024];
                    plane[i] = p == 0 ? green : (byte)(records[start + (p == 1 ? 0 : 2048)] - green + 128);
                }

                for (int i = 0; i < 1024; i++)
                {
                    (int y, int x) = (i / 32, i % 32);
                    int a = x > 0 ? plane[i - 1] : 0;
                    int b = y > 0 ? plane[i - 32] : 0;
                    int c = x > 0 && y > 0 ? plane[i - 33] : 0;
                    int predicted = y == 0 ? a : x == 0 ? b
                        : c >= Math.Max(a, b) ? Math.Min(a, b) : c <= Math.Min(a, b) ? Math.Max(a, b) : a + b - c;
                    packed[count + (((p * count) + image) * 1024) + i] = (byte)(plane[i] - predicted);
                }
            }
        }

        return packed;
    }
}
