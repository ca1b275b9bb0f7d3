using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Training;

/// <summary>
/// Everything that a run of training needs to go on: weights, running statistics and optimizer state, and how far it is. Random
/// sequences need no state, see <see cref="SeededRandom"/>.
/// </summary>
/// <remarks>
/// The file, little-endian: the 8 bytes <c>ESTRAIN1</c>; the length of the header as u64; the header, UTF-8 JSON; the tensors'
/// fp32 values, row-major, in the header's order; the SHA-256 of all that.
/// </remarks>
/// <param name="Run">A digest of all that determines the run: initial weights, masks, options, data, seed.</param>
/// <param name="Step">Steps done.</param>
/// <param name="EpochLoss">Sum of the losses of the unfinished epoch's samples.</param>
/// <param name="Epochs">Finished epochs.</param>
/// <param name="Tensors">By name; optimizer state is <c>weight#slot</c>.</param>
internal sealed record Checkpoint(
    string Run, long Step, double EpochLoss, ImmutableArray<EpochRecord> Epochs, ImmutableSortedDictionary<string, float[]> Tensors)
{
    private const int DigestBytes = 32;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static ReadOnlySpan<byte> Magic => "ESTRAIN1"u8;

    /// <exception cref="EdgeSparseException">The file cannot be written; what was there before is still there.</exception>
    public void Write(string path)
    {
        Header header = new(Run, Step, EpochLoss, Epochs, [.. Tensors.Select(t => new Entry(t.Key, t.Value.Length))]);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header, Json);
        byte[] bytes = new byte[Magic.Length + sizeof(ulong) + json.Length + (Tensors.Values.Sum(t => (long)t.Length) * sizeof(float)) + DigestBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(Magic.Length), (ulong)json.Length);
        int at = Magic.Length + sizeof(ulong);
        json.CopyTo(bytes, at);
        at += json.Length;
        foreach (float[] tensor in Tensors.Values)
        {
            MemoryMarshal.AsBytes(tensor.AsSpan()).CopyTo(bytes.AsSpan(at));
            at += tensor.Length * sizeof(float);
        }

        SHA256.HashData(bytes.AsSpan(0, at), bytes.AsSpan(at));
        AtomicFile.Write(path, bytes);
    }

    /// <exception cref="TrainingException">The file is no checkpoint, or is damaged.</exception>
    public static Checkpoint Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TrainingException($"cannot read the checkpoint '{path}': {error.Message}", error);
        }

        int headerStart = Magic.Length + sizeof(ulong);
        if (bytes.Length < headerStart + DigestBytes || !bytes.AsSpan().StartsWith(Magic))
        {
            throw new TrainingException($"'{path}' is no checkpoint; delete it to start anew");
        }

        ReadOnlySpan<byte> content = bytes.AsSpan(0, bytes.Length - DigestBytes);
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
        {
            throw new TrainingException($"the checkpoint '{path}' is damaged (its digest is wrong); delete it to start anew");
        }

        // The digest holds, so from here on the file is as this class wrote it.
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(content[Magic.Length..]);
        Header header = JsonSerializer.Deserialize<Header>(content.Slice(headerStart, headerLength), Json)!;
        var tensors = ImmutableSortedDictionary.CreateBuilder<string, float[]>(StringComparer.Ordinal);
        int at = headerStart + headerLength;
        foreach (Entry entry in header.Tensors)
        {
            int length = entry.Elements * sizeof(float);
            tensors[entry.Name] = MemoryMarshal.Cast<byte, float>(content.Slice(at, length)).ToArray();
            at += length;
        }

        return new Checkpoint(header.Run, header.Step, header.EpochLoss, header.Epochs, tensors.ToImmutable());
    }

    private sealed record Entry(string Name, int Elements);

    private sealed record Header(string Run, long Step, double EpochLoss, ImmutableArray<EpochRecord> Epochs, ImmutableArray<Entry> Tensors);
}
