using System.Text;

namespace EdgeSparse.Targets.Signing;

/// <summary>An Ed25519 key in the PEM form that other programs, such as openssl, read too (RFC 8410, RFC 7468).</summary>
internal static class PemBlock
{
    private const int KeyBytes = 32;
    private const int LineLength = 64;

    public static string Write(string label, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> key)
    {
        string body = Convert.ToBase64String([.. prefix, .. key]);
        StringBuilder text = new();
        text.Append($"-----BEGIN {label}-----\n");
        foreach (char[] line in body.Chunk(LineLength))
        {
            text.Append(line).Append('\n');
        }

        return text.Append($"-----END {label}-----\n").ToString();
    }

    /// <summary>The 32 bytes of the key, or null where the text is no such block.</summary>
    public static byte[]? Read(string text, string label, ReadOnlySpan<byte> prefix)
    {
        string body = text.Trim();
        string header = $"-----BEGIN {label}-----";
        string footer = $"-----END {label}-----";
        if (!body.StartsWith(header, StringComparison.Ordinal) || !body.EndsWith(footer, StringComparison.Ordinal))
        {
            return null;
        }

        byte[] bytes = new byte[prefix.Length + KeyBytes];
        return Convert.TryFromBase64String(body[header.Length..^footer.Length], bytes, out int length) && length == bytes.Length && bytes.AsSpan().StartsWith(prefix)
            ? bytes[prefix.Length..]
            : null;
    }
}
