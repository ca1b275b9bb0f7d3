using System.Security.Cryptography;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>SHA-256 of files, in lower-case hexadecimal.</summary>
internal static class ContentDigest
{
    /// <summary>Of a file's bytes as they are.</summary>
    public static string OfFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <summary>Whether a file's content, gunzipped when it is gzip, is what it should be; otherwise what is wrong with it.</summary>
    public static string? Fault(string path, DatasetFile expected)
    {
        try
        {
            using InputStream input = InputStream.Open(path);
            byte[] content = input.Take(expected.Bytes, "content");
            input.ExpectEnd();
            string digest = Convert.ToHexStringLower(SHA256.HashData(content));
            return digest == expected.Sha256 ? null : $"{path}: the SHA-256 of its content is {digest}, not {expected.Sha256}";
        }
        catch (InputFormatException error)
        {
            return error.Message;
        }
    }
}
