using System.Collections.Immutable;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class CheckpointTests
{
    private static readonly Checkpoint Sample = new(
        "digest",
        12,
        1.5,
        [new EpochRecord(1, 0.25, 0.1)],
        ImmutableSortedDictionary<string, float[]>.Empty.Add("a", [1f, -0f, float.Epsilon]).Add("a#0", [3f]));

    [Fact]
    public void What_is_written_is_read_back_bit_for_bit()
    {
        using TemporaryFolder folder = new();
        Sample.Write(folder.File("c"));
        Checkpoint read = Checkpoint.Read(folder.File("c"));
        Assert.Equal(("digest", 12L, 1.5), (read.Run, read.Step, read.EpochLoss));
        Assert.Equal(Sample.Epochs.AsEnumerable(), read.Epochs);
        Assert.Equal(["a", "a#0"], read.Tensors.Keys);
        Assert.Equal([0x3F800000, int.MinValue, 1], read.Tensors["a"].Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void Any_flipped_byte_and_any_truncation_is_refused()
    {
        using TemporaryFolder folder = new();
        Sample.Write(folder.File("c"));
        byte[] whole = File.ReadAllBytes(folder.File("c"));
        for (int i = 0; i < whole.Length; i++)
        {
            byte[] damaged = [.. whole];
            damaged[i] ^= 0x40;
            File.WriteAllBytes(folder.File("d"), damaged);
            Assert.Throws<TrainingException>(() => Checkpoint.Read(folder.File("d")));
            File.WriteAllBytes(folder.File("d"), whole[..i]);
            Assert.Throws<TrainingException>(() => Checkpoint.Read(folder.File("d")));
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        EdgeSparseException error = Assert.ThrowsAny<EdgeSparseException>(() => Sample.Write("/nonexistent/folder/c"));
        Assert.StartsWith("cannot write '/nonexistent/folder/c':", error.Message, StringComparison.Ordinal);
    }
}
