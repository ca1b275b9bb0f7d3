using System.IO.Hashing;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The last step of whatever writes a blob: its header, with the digest of all that lies after it.</summary>
internal static class BlobSeal
{
    /// <param name="file">The whole blob but for its header.</param>
    /// <param name="header">Without size and digest.</param>
    public static void Write(byte[] file, BlobHeader header)
    {
        header.TotalBytes = (ulong)file.Length;
        MemoryMarshal.Write(file, header);

        // The digest covers the header's fields that come after it.
        UInt128 digest = XxHash128.HashToUInt128(file.AsSpan(BlobConstants.DigestStart));
        header.DigestLow = (ulong)digest;
        header.DigestHigh = (ulong)(digest >> 64);
        MemoryMarshal.Write(file, header);
    }
}
