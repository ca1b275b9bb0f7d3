using System.IO.Hashing;

namespace EdgeSparse.Runtime.Blob;

/// <summary>The fixed header: that this is a whole, unaltered blob of a known version.</summary>
internal static unsafe class HeaderCheck
{
    /// <summary>Activation memory beyond this (256 GiB) is an error of the blob, whatever the machine.</summary>
    private const ulong LargestArena = 1UL << 38;

    public static void Check(byte* bytes, long length)
    {
        if (length < sizeof(ulong) || *(ulong*)bytes != BlobConstants.Magic)
        {
            throw new BlobFormatException("this is no .esb blob: it does not start with the bytes 89 45 53 42 0D 0A 1A 0A");
        }

        if (length < sizeof(BlobHeader))
        {
            throw new BlobFormatException(
                "the blob is truncated: it has " + length + " bytes, fewer than its header's " + sizeof(BlobHeader));
        }

        var header = (BlobHeader*)bytes;
        if (header->Version != BlobConstants.Version)
        {
            throw new BlobFormatException("the blob has the format version " + header->Version + "; this program reads version "
                + BlobConstants.Version + ": pack the model again with a matching compiler");
        }

        if (header->HeaderBytes != sizeof(BlobHeader))
        {
            throw Wrong("HeaderBytes is " + header->HeaderBytes + ", not " + sizeof(BlobHeader));
        }

        if (header->TotalBytes != (ulong)length)
        {
            throw new BlobFormatException(
                (ulong)length < header->TotalBytes
                    ? "the blob is truncated: it has " + length + " of " + header->TotalBytes + " bytes"
                    : "the blob is followed by other bytes: it has " + header->TotalBytes + ", the file " + length);
        }

        CheckDigest(header, bytes, length);
        if (header->ArenaBytes > LargestArena || header->ArenaBytes % BlobConstants.Alignment != 0)
        {
            throw Wrong("ArenaBytes is " + header->ArenaBytes + ", which is no multiple of 64 up to " + LargestArena);
        }

        if (header->SectionCount is < (uint)SectionKind.Metadata or > (uint)SectionKind.DeviceCode)
        {
            throw Wrong("SectionCount is " + header->SectionCount + ", not " + (uint)SectionKind.Metadata + " to " + (uint)SectionKind.DeviceCode);
        }

        if (header->Reserved0 != 0 || header->Reserved1 != 0)
        {
            throw Wrong("a reserved field is not zero");
        }
    }

    /// <summary>XXH128 of what follows the digest, as the low and the high half.</summary>
    public static UInt128 Digest(ReadOnlySpan<byte> digested) => XxHash128.HashToUInt128(digested);

    private static void CheckDigest(BlobHeader* header, byte* bytes, long length)
    {
        const long chunk = 1 << 30;
        UInt128 digest;
        if (length - BlobConstants.DigestStart <= chunk)
        {
            digest = Digest(new ReadOnlySpan<byte>(bytes + BlobConstants.DigestStart, (int)(length - BlobConstants.DigestStart)));
        }
        else
        {
            var hash = new XxHash128();
            for (long start = BlobConstants.DigestStart; start < length; start += chunk)
            {
                hash.Append(new ReadOnlySpan<byte>(bytes + start, (int)Math.Min(chunk, length - start)));
            }

            digest = hash.GetCurrentHashAsUInt128();
        }

        if ((ulong)digest != header->DigestLow || (ulong)(digest >> 64) != header->DigestHigh)
        {
            throw new BlobFormatException("the blob is corrupt: its bytes do not have the digest that its header states");
        }
    }

    private static BlobFormatException Wrong(string what) => new("the blob's header is wrong: " + what);
}
