using EdgeSparse.Compiler.Data;
using SkiaSharp;

namespace EdgeSparse.Compiler.Tests.Data;

public sealed class UnlabelledInputsTests : IDisposable
{
    private readonly DataFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_file_of_arrays_is_inputs_of_which_every_sixth_is_for_measuring()
    {
        string path = folder.WriteFloats("inputs.npy", [.. Enumerable.Range(0, 26).Select(i => i / 2f)], 13, 2);
        Dataset set = DatasetCatalog.Open(path, folder.Locations);
        Assert.False(set.IsLabelled);
        Assert.Equal(("inputs", "2", 0), (set.Name, set.SampleShape.ToString(), set.ClassNames.Length));
        Assert.Equal((11, 2), (set.Train.Count, set.Test.Count));
        Assert.Equal([5f, 5.5f], DataFolder.Read(set.Test, 0, 2));
        Assert.Equal([6f, 6.5f], DataFolder.Read(set.Train, 5, 2));
        Assert.Equal("sample 3 has no label", Assert.Throws<DataException>(() => set.Train.LabelOf(3)).Message);
    }

    [Fact]
    public void Fewer_than_six_are_for_solving_and_for_measuring()
    {
        string path = folder.WriteFloats("few.npy", [1, 2, 3, 4], 4, 1);
        Dataset set = DatasetCatalog.Open(path, folder.Locations);
        Assert.Equal((4, 4), (set.Train.Count, set.Test.Count));
    }

    [Fact]
    public void Files_of_a_folder_follow_one_another()
    {
        folder.Write("a.npy", DataFolder.Npy("|u1", "(2, 1, 1, 2)", [0, 51, 102, 153]));
        folder.Write("b.npy", DataFolder.Npy("|u1", "(1, 1, 1, 2)", [204, 255]));
        Dataset set = DatasetCatalog.Open(folder.Root, folder.Locations);
        Assert.False(set.IsLabelled);
        Assert.Equal(3, set.Train.Count);
        Assert.Equal([204 / 255f, 1f], DataFolder.Read(set.Train, 2, 2));
    }

    [Fact]
    public void Files_that_are_not_alike_are_refused()
    {
        folder.WriteFloats("a.npy", [1, 2], 1, 2);
        string b = folder.WriteFloats("b.npy", [1, 2, 3], 1, 3);
        Assert.Equal(
            $"{b}: its samples are 3, those of 'a.npy' 2",
            Assert.Throws<DataException>(() => DatasetCatalog.Open(folder.Root, folder.Locations)).Message);
    }

    [Fact]
    public void Pictures_of_a_folder_need_no_classes()
    {
        for (int i = 0; i < 7; i++)
        {
            using SKBitmap bitmap = new(8, 8);
            bitmap.Erase(new SKColor((byte)(i * 30), 0, 255));
            using SKData png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
            folder.Write($"p{i}.png", png.ToArray());
        }

        Dataset set = DatasetCatalog.Open(folder.Root, folder.Locations);
        Assert.False(set.IsLabelled);
        Assert.Equal("3×8×8", set.SampleShape.ToString());
        Assert.Equal((6, 1), (set.Train.Count, set.Test.Count));
        Assert.Equal(150 / 255f, DataFolder.Read(set.Test, 0, 192)[0], 1e-6f);
    }
}
