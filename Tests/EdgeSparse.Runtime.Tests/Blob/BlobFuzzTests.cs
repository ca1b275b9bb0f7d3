using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>Networks of convolutions and of fully connected layers.</summary>
public sealed class BlobFuzzTests() : BlobFuzz(SmallNetwork.Build())
{
}

/// <summary>Networks of the operations that have parameters.</summary>
public sealed class GeneralBlobFuzzTests() : BlobFuzz(GeneralNetwork.Build())
{
}

/// <summary>
/// Spoilt blobs whose digest is right: each is refused, or runs without touching memory outside the blob and the arena. Both
/// end at guard pages here, so that a read or write too far kills the test process.
/// </summary>
public abstract unsafe class BlobFuzz : IDisposable
{
    private readonly byte[] good;
    private readonly GuardedMemory blobMemory;
    private readonly GuardedMemory arenaMemory = new(1 << 20);
    private readonly InstructionSet[] sets = [.. KernelSets()];
    private int runs;

    private protected BlobFuzz(BlobBuilder builder)
    {
        builder.RoundUp = true;
        good = builder.Build();
        blobMemory = new GuardedMemory(good.Length);
    }

    public void Dispose()
    {
        blobMemory.Dispose();
        arenaMemory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Every_changed_byte_outside_weight_data_is_refused_or_harmless()
    {
        byte[] blob = [.. good];
        (int dataStart, int dataEnd) = DataSection();
        int change = 0;
        int refused = 0;
        for (int i = 0; i < blob.Length; i++)
        {
            if (i >= dataStart && i < dataEnd)
            {
                continue;
            }

            for (int bit = 0; bit <= 8; bit++)
            {
                if (change++ % Repetitions.Every != 0)
                {
                    continue;
                }

                byte flip = bit == 8 ? (byte)0xFF : (byte)(1 << bit);
                blob[i] ^= flip;
                refused += LoadAndRun(blob, i + bit) ? 0 : 1;
                blob[i] ^= flip;
            }
        }

        Assert.InRange(refused, Repetitions.Of(10_000), int.MaxValue);
        Assert.InRange(runs, Repetitions.Of(100), int.MaxValue);
    }

    [Fact]
    public void Changed_bytes_of_weight_data_are_refused_or_harmless()
    {
        byte[] blob = [.. good];
        (int dataStart, int dataEnd) = DataSection();
        for (int i = dataStart; i < dataEnd; i += Repetitions.Every)
        {
            foreach (byte flip in (ReadOnlySpan<byte>)[1, 8, 0x80, 0xFF])
            {
                blob[i] ^= flip;
                LoadAndRun(blob, i);
                blob[i] ^= flip;
            }
        }

        Assert.InRange(runs, Repetitions.Of(100), int.MaxValue);
    }

    [Fact]
    public void Records_with_several_wild_fields_are_refused_or_harmless()
    {
        var random = new Random(20);
        var clock = Stopwatch.StartNew();
        (int dataStart, _) = DataSection();
        int[] wild = [0, 1, -1, 2, 3, 5, 7, 8, 16, 31, 32, 63, 64, 255, 65535, 65536, int.MaxValue, int.MinValue];
        for (int i = 0; i < Repetitions.Of(30_000) && clock.Elapsed < TimeSpan.FromSeconds(10); i++)
        {
            byte[] blob = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                int at = random.Next(320 / 4, dataStart / 4) * 4;
                int old = MemoryMarshal.Read<int>(blob.AsSpan(at));
                int value = random.Next(3) switch
                {
                    0 => wild[random.Next(wild.Length)],
                    1 => old + random.Next(-4, 5),
                    _ => MemoryMarshal.Read<int>(blob.AsSpan(random.Next(320 / 4, dataStart / 4) * 4)),
                };
                MemoryMarshal.Write(blob.AsSpan(at), value);
            }

            LoadAndRun(blob, i);
        }

        Assert.InRange(runs, Repetitions.Of(100), int.MaxValue);
    }

    private static IEnumerable<InstructionSet> KernelSets() => Enum.GetValues<InstructionSet>().Where(set => set <= Hardware.Best);

    private (int Start, int End) DataSection()
    {
        ReadOnlySpan<byte> entry = good.AsSpan(64 + (5 * 32));
        int start = (int)MemoryMarshal.Read<ulong>(entry[8..]);
        return (start, start + (int)MemoryMarshal.Read<ulong>(entry[16..]));
    }

    /// <summary>False when the blob is refused.</summary>
    private bool LoadAndRun(byte[] blob, int seed)
    {
        BlobBuilder.Digest(blob);
        byte* bytes = blobMemory.AtEnd(blob.Length);
        blob.CopyTo(new Span<byte>(bytes, blob.Length));
        try
        {
            using Model model = Model.FromMemory(bytes, blob.Length, sets[seed % sets.Length]);
            if (model.ArenaBytes > arenaMemory.Capacity)
            {
                return true;
            }

            byte* arena = seed % 2 == 0 ? arenaMemory.AtEnd(model.ArenaBytes) : arenaMemory.Start;
            new Span<byte>(arena, (int)model.ArenaBytes).Clear();
            using Session session = model.CreateSession((float*)arena);
            for (int i = 0; i < model.Inputs.Count; i++)
            {
                session.SetInput(i, new float[model.Inputs[i].ElementCount]);
            }

            session.Run();
            for (int i = 0; i < model.Outputs.Count; i++)
            {
                session.GetOutput(i, new float[model.Outputs[i].ElementCount]);
            }

            runs++;
            return true;
        }
        catch (BlobFormatException)
        {
            return false;
        }
        catch (EdgeSparseException error) when (error.Message.Contains("(Gather) was given the index", StringComparison.Ordinal))
        {
            runs++;
            return true;
        }
    }
}
