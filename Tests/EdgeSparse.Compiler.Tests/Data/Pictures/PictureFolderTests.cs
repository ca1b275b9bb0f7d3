using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Pictures;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime.Inputs;
using SkiaSharp;

namespace EdgeSparse.Compiler.Tests.Data.Pictures;

public sealed class PictureFolderTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Classes_are_the_folders_in_order_and_pictures_keep_their_pixels()
    {
        Write("train/cat/b.png", 8, 8, (x, y) => new SKColor(255, (byte)(x * 10), (byte)(y * 10)));
        Write("train/ant/a.png", 8, 8, (_, _) => new SKColor(1, 2, 3));
        Write("train/ant/notes.txt", 8, 8, (_, _) => default);
        Write("val/cat/c.png", 8, 8, (_, _) => new SKColor(51, 102, 255));
        Dataset set = Open();
        Assert.Equal(["ant", "cat"], set.ClassNames);
        Assert.Equal("3×8×8", set.SampleShape.ToString());
        Assert.Equal((2, 1), (set.Train.Count, set.Test.Count));
        Assert.Equal([0, 1, 1], [set.Train.LabelOf(0), set.Train.LabelOf(1), set.Test.LabelOf(0)]);
        float[] sample = DataFolder.Read(set.Train, 1, 192);
        Assert.Equal((1f, 70 / 255f, 50 / 255f), (sample[0], sample[64 + 7], sample[128 + (5 * 8)]));
        Assert.Equal(sample, DataFolder.Read(set.Train, 1, 192));
        Assert.Equal(0.229f, set.Scaling.Std[0]);
    }

    [Fact]
    public void Grey_pictures_make_one_channel()
    {
        WriteGrey("train/a/1.png", 4, 4, 51);
        WriteGrey("test/a/2.png", 4, 4, 255);
        Dataset set = Open();
        Assert.Equal("1×4×4", set.SampleShape.ToString());
        Assert.Equal(51 / 255f, DataFolder.Read(set.Train, 0, 16)[5]);
        Assert.Equal([1f], set.Scaling.Std);
    }

    [Fact]
    public void A_grey_picture_among_coloured_ones_becomes_three_channels_even_as_the_first()
    {
        WriteGrey("train/a/1.png", 4, 4, 51);
        Write("train/b/1.png", 4, 4, (_, _) => new SKColor(10, 20, 30));
        WriteGrey("val/b/2.png", 4, 4, 255);
        Dataset set = Open();
        Assert.Equal("3×4×4", set.SampleShape.ToString());
        float[] sample = DataFolder.Read(set.Train, 0, 48);
        Assert.Equal([51 / 255f, 51 / 255f, 51 / 255f], [sample[5], sample[16 + 5], sample[32 + 5]]);
    }

    [Fact]
    public void A_part_of_a_picture_is_brought_to_the_size_of_samples()
    {
        // Four quarters of one colour each; a part within one of them has that colour, one over all has all.
        Write("train/a/1.png", 64, 32, (x, y) => new SKColor((byte)(x < 32 ? 0 : 255), (byte)(y < 16 ? 0 : 255), 51));
        Write("test/a/1.png", 8, 8, (_, _) => default);
        DataSplit train = DatasetCatalog.Open(folder.Root, folder.Locations, imageSize: 8).Train;
        Assert.True(train.HasOriginals);
        (int, int) seen = default;
        float[] sample = new float[192];
        train.ReadPart(0, (width, height) => Part(seen = (width, height), 32, 16, 20, 10), sample);
        Assert.Equal((64, 32), seen);
        Assert.All(sample[..128], v => Assert.Equal(1f, v));
        Assert.All(sample[128..], v => Assert.Equal(0.2f, v));
        train.Skip(0).Take(1).ReadPart(0, (_, _) => new PicturePart(0, 0, 64, 32), sample);
        Assert.Equal([0f, 1f, 0f, 1f], [sample[0], sample[7], sample[64], sample[64 + 63]]);
        new UnlabelledSplit(train).ReadPart(0, (_, _) => new PicturePart(24, 8, 8, 8), sample);
        Assert.Equal([0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f], sample[64..72]);
        Assert.Throws<ArgumentException>(() => train.ReadPart(0, (_, _) => new PicturePart(60, 0, 8, 8), sample));

        static PicturePart Part((int, int) _, int left, int top, int width, int height) => new(left, top, width, height);
    }

    [Fact]
    public void A_damaged_picture_of_a_batch_is_named_when_a_part_of_it_is_read()
    {
        string cut = Write("train/a/1.jpg", 40, 40, (x, y) => new SKColor((byte)(x * 6), (byte)(y * 6), 9));
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^50]);
        Write("train/a/2.jpg", 40, 40, (_, _) => default);
        Write("test/a/1.jpg", 40, 40, (_, _) => default);
        Dataset set = Open();
        SampleBatches batches = new(set.Train, set.SampleShape, set.Scaling, 1);
        float[] pixels = new float[2 * batches.SampleElements];
        SeededRandom random = new(1, RandomPurpose.Augmentation, 0);
        Assert.StartsWith(
            $"{cut}: the picture cannot be decoded",
            Assert.Throws<DataException>(() => batches.Fill([0, 1], new AugmentationOptions { ResizedCrop = 0.08 }, random, pixels, [])).Message);
        Assert.StartsWith($"{cut}: the picture cannot be decoded", Assert.Throws<DataException>(() => batches.Fill([1, 0], pixels, [])).Message);
    }

    [Fact]
    public void The_short_side_is_brought_to_eight_sevenths_and_the_middle_cut_out()
    {
        // 640×320: to 512×256, then the middle 224×224: columns 144 … 367 of 512, so 180 … 459 of 640.
        Write("train/a/1.jpg", 640, 320, (x, _) => x < 320 ? SKColors.Black : SKColors.White);
        Write("test/a/1.jpeg", 640, 320, (_, y) => y < 160 ? SKColors.Black : SKColors.White);
        Dataset set = Open();
        Assert.Equal("3×224×224", set.SampleShape.ToString());
        float[] sample = DataFolder.Read(set.Train, 0, 3 * 224 * 224);
        Assert.InRange(sample[(100 * 224) + 105], 0f, 0.05f);
        Assert.InRange(sample[(100 * 224) + 118], 0.95f, 1f);
        float[] other = DataFolder.Read(set.Test, 0, 3 * 224 * 224);
        Assert.InRange(other[105 * 224], 0f, 0.05f);
        Assert.InRange(other[(118 * 224) + 223], 0.95f, 1f);
        Assert.Equal("3×32×32", DatasetCatalog.Open(folder.Root, folder.Locations, imageSize: 32).SampleShape.ToString());
    }

    [Fact]
    public void Our_own_PNG_reader_gives_the_same_pixels_as_Skia()
    {
        Random random = new(3);
        string path = Write("train/a/1.png", 33, 33, (x, y) => new SKColor((byte)(x * y), (byte)random.Next(256), (byte)(x ^ y)));
        Write("test/a/1.png", 33, 33, (_, _) => default);
        PngImage image = PngFile.Read(path);
        float[] sample = DataFolder.Read(Open().Train, 0, 3 * 33 * 33);
        Assert.Equal(image.Pixels, Enumerable.Range(0, sample.Length).Select(i => (byte)MathF.Round(sample[(i % 3 * 33 * 33) + (i / 3)] * 255f)));
    }

    [Fact]
    public void A_picture_that_cannot_be_decoded_is_named_when_it_is_read()
    {
        Write("train/a/1.png", 8, 8, (_, _) => default);
        string cut = Write("train/a/2.png", 8, 8, (x, y) => new SKColor((byte)(x * 31), (byte)(y * 17), 9));
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..60]);
        string text = folder.Write("test/a/3.png", "no picture"u8);
        Dataset set = Open();
        Assert.StartsWith($"{cut}: the picture cannot be decoded", Assert.Throws<DataException>(() => DataFolder.Read(set.Train, 1, 192)).Message);
        Assert.StartsWith($"{text}: the picture cannot be decoded", Assert.Throws<DataException>(() => DataFolder.Read(set.Test, 0, 192)).Message);
    }

    [Fact]
    public void Missing_parts_are_told()
    {
        Directory.CreateDirectory(Path.Combine(folder.Root, "train", "a"));
        Refuses("has train/ but neither test/ nor val/");
        Write("test/b/1.png", 8, 8, (_, _) => default);
        Refuses("train: has no pictures");
        Write("train/a/1.png", 8, 8, (_, _) => default);
        Refuses("train/ has no class 'b'");
    }

    private Dataset Open() => DatasetCatalog.Open(folder.Root, folder.Locations);

    private void Refuses(string expected) => Assert.Contains(expected, Assert.Throws<DataException>(Open).Message);

    private string Write(string name, int width, int height, Func<int, int, SKColor> colour)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                bitmap.SetPixel(x, y, colour(x, y));
            }
        }

        return Encode(bitmap, name);
    }

    private void WriteGrey(string name, int width, int height, byte value)
    {
        using SKBitmap bitmap = new(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(value, value, value));
        Encode(bitmap, name);
    }

    private string Encode(SKBitmap bitmap, string name)
    {
        using SKData data = bitmap.Encode(name.EndsWith('g') && !name.EndsWith("png") ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png, 95);
        return folder.Write(name, data.Span);
    }
}
