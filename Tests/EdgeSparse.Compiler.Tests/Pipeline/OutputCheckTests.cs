using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Pipeline;

public sealed class OutputCheckTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("edgesparse-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_writable_place_is_left_as_it_was()
    {
        string path = Path.Combine(root, "out.esb");
        File.WriteAllText(path, "before");
        OutputCheck.EnsureWritable(path);
        Assert.Equal("before", File.ReadAllText(path));
        Assert.Single(Directory.GetFileSystemEntries(root));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = Path.Combine(root, "none", "out.esb");
        Assert.Equal(
            $"cannot write '{path}': there is no folder '{Path.Combine(root, "none")}'",
            Assert.Throws<EdgeSparseException>(() => OutputCheck.EnsureWritable(path)).Message);
    }

    [Fact]
    public void A_folder_is_no_file() =>
        Assert.Equal($"cannot write '{root}': it is a folder", Assert.Throws<EdgeSparseException>(() => OutputCheck.EnsureWritable(root)).Message);

    [Fact]
    public void A_full_device_is_one_clear_line_and_stays_a_device()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        var error = Assert.Throws<EdgeSparseException>(() => AtomicFile.Write("/dev/full", new byte[100_000]));
        Assert.StartsWith("cannot write '/dev/full': No space left on device", error.Message);
        AtomicFile.Write("/dev/null", new byte[10]);
        Assert.Empty(File.ReadAllBytes("/dev/null"));
    }
}
