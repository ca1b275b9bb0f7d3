using EdgeSparse.Compiler.Training.Torch;

namespace EdgeSparse.Compiler.Tests.Training.Torch;

public sealed class TorchShimTests
{
    private static string Shim => Directory.EnumerateFiles(AppContext.BaseDirectory, "libLibTorchSharp.so", SearchOption.AllDirectories).First();

    [Fact]
    public void The_shim_asks_once_for_the_version_and_only_its_flag_is_changed()
    {
        byte[] original = File.ReadAllBytes(Shim);
        byte[] patched = [.. original];
        Assert.Equal(1, ElfVersionNeeds.MarkWeak(patched, TorchShim.MissingVersion));
        int[] changed = [.. Enumerable.Range(0, original.Length).Where(i => original[i] != patched[i])];
        Assert.Single(changed);
        Assert.Equal((0, 2), (original[changed[0]], patched[changed[0]]));
    }

    [Fact]
    public void A_version_nobody_asks_for_changes_nothing()
    {
        byte[] bytes = File.ReadAllBytes(Shim);
        Assert.Equal(0, ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_9.9.9"));
        Assert.Equal(0, ElfVersionNeeds.MarkWeak(bytes, "GLIBCXX_3.4.3"));
        Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Shim)));
    }

    [Fact]
    public void Damaged_files_are_refused_or_left_in_bounds()
    {
        byte[] original = File.ReadAllBytes(Shim);
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(original.AsSpan(0, 63), "x"));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(original.AsSpan(0, 5000).ToArray(), "x"));
        Assert.Throws<InvalidDataException>(() => ElfVersionNeeds.MarkWeak(new byte[100], "x"));

        // Whatever one byte of the header says, no read goes outside the file.
        for (int at = 0; at < 64; at++)
        {
            byte[] damaged = [.. original];
            damaged[at] = 0xFF;
            Assert.True(Record.Exception(() => ElfVersionNeeds.MarkWeak(damaged, TorchShim.MissingVersion)) is null or InvalidDataException, $"byte {at}");
        }
    }

    [Fact]
    public void A_copy_in_the_cache_is_made_once_and_mended_when_damaged()
    {
        using TemporaryFolder cache = new();
        string copy = TorchShim.PatchedCopy(Shim, cache.Path);
        Assert.Equal("libLibTorchSharp.so", Path.GetFileName(copy));
        DateTime written = File.GetLastWriteTimeUtc(copy);
        Assert.Equal(copy, TorchShim.PatchedCopy(Shim, cache.Path));
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));

        byte[] whole = File.ReadAllBytes(copy);
        File.WriteAllBytes(copy, whole[..1000]);
        TorchShim.PatchedCopy(Shim, cache.Path);
        Assert.True(whole.AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
    }
}
