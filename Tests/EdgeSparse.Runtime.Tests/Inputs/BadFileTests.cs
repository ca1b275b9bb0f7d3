using CsCheck;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Runtime.Tests.Inputs;

/// <summary>Whatever the bytes, a reader gives samples or refuses with <see cref="InputFormatException"/>; nothing else.</summary>
public sealed class BadFileTests : IDisposable
{
    private static readonly TensorInfo Input = new("x", [1, 1, 2, 3], 6, new PixelScaling([0f], [1f]));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Changed_bytes_are_read_or_refused()
    {
        byte[][] files =
        [
            NpyFileTests.File("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }\n", new byte[24]),
            [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
            PngWriter.Encode(3, 8, 0, [[1, 2, 3], [4, 5, 6]], _ => 4),
            TemporaryFolder.Gzip([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]),
        ];
        Assert.All(files, file => Assert.True(IsRead(file)));
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000], Gen.Byte).Sample(
            (which, first, value, second, other) =>
            {
                byte[] broken = [.. files[which]];
                broken[first % broken.Length] = value;
                broken[second % broken.Length] = other;
                IsRead(broken);
            },
            iter: 3000,
            threads: 1);
    }

    [Fact]
    public void A_folder_or_no_name_is_no_file()
    {
        Assert.Equal($"'{folder.Root}' is no file that may be read", Assert.Throws<InputFormatException>(() => SampleReader.Read(folder.Root, Input)).Message);
        Assert.Equal("'' is no file that may be read", Assert.Throws<InputFormatException>(() => SampleReader.Read("", Input)).Message);
    }

    private bool IsRead(byte[] file)
    {
        string path = folder.Write("file", file);
        try
        {
            return SampleReader.Read(path, Input).All(sample => sample.Length == 6);
        }
        catch (InputFormatException)
        {
            return false;
        }
    }
}
