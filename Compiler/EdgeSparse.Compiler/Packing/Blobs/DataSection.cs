using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The Data section: pieces at multiples of 64 with zeros between; an empty piece has no place, (0, 0).</summary>
internal sealed class DataSection
{
    private readonly List<(long Offset, ReadOnlyMemory<byte> Bytes)> pieces = [];

    public long Length { get; private set; }

    public (ulong Offset, ulong Length) Add(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return (0, 0);
        }

        long offset = BlobLayout.Align(Length);
        pieces.Add((offset, bytes));
        Length = offset + bytes.Length;
        return ((ulong)offset, (ulong)bytes.Length);
    }

    /// <param name="destination">The section's bytes, all zero.</param>
    public void CopyTo(Span<byte> destination)
    {
        foreach ((long offset, ReadOnlyMemory<byte> bytes) in pieces)
        {
            bytes.Span.CopyTo(destination[(int)offset..]);
        }
    }
}

/// <summary>Places in the file.</summary>
internal static class BlobLayout
{
    public static long Align(long offset) => (offset + BlobConstants.Alignment - 1) / BlobConstants.Alignment * BlobConstants.Alignment;
}
