using PiClassifier;

namespace EdgeSparse.Samples.Tests.PiClassifier;

public class PictureFolderTests
{
    [Fact]
    public void Pictures_that_come_later_are_found_and_none_comes_twice()
    {
        using SampleFolder folder = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        folder.WritePng("a.png", [1, 2], [3, 4]);
        folder.Write("notes.txt", "no picture"u8);
        List<string> found = [];
        foreach (string file in new PictureFolder(folder.Root, once: false).Files(stop.Token))
        {
            found.Add(Path.GetFileName(file));
            if (found.Count == 1)
            {
                folder.WritePng("b.png", [1, 2], [3, 4]);
            }
            else
            {
                stop.Cancel();
            }
        }

        Assert.Equal(["a.png", "b.png"], found);
    }
}
