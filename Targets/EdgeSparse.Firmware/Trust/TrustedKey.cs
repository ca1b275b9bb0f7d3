using System.Text;
using EdgeSparse.Runtime;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EdgeSparse.Firmware.Trust;

/// <summary>The Ed25519 public key (RFC 8032) whose owner may say what runs here. Where there is one, unsigned models are refused.</summary>
internal sealed class TrustedKey
{
    /// <summary>The system-wide configuration; only root can write there.</summary>
    public const string SystemFile = "/etc/edgesparse/trusted.pub";

    public const int SignatureBytes = 64;

    private const int KeyBytes = 32;
    private const string Header = "-----BEGIN PUBLIC KEY-----";
    private const string Footer = "-----END PUBLIC KEY-----";

    /// <summary>Name of the value that <c>-p:EdgeSparseTrustedKey=…</c> puts into the executable.</summary>
    private const string BakedIn = "EdgeSparse.TrustedKey";

    /// <summary>SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410).</summary>
    private static readonly byte[] Prefix = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    private readonly byte[] key;

    private TrustedKey(byte[] key, string source)
    {
        this.key = key;
        Source = source;
    }

    /// <summary>Where the key stands, for messages.</summary>
    public string Source { get; }

    /// <summary>
    /// The key baked into the executable; else the file named on the command line; else <see cref="SystemFile"/>, where there is
    /// one. A baked key cannot be replaced: a file named besides must hold the same.
    /// </summary>
    /// <exception cref="EdgeSparseException">A key cannot be read, is none, or is another than the baked one.</exception>
    public static TrustedKey? Find(string? file)
    {
        TrustedKey? baked = AppContext.GetData(BakedIn) is string { Length: > 0 } text ? Parse(text, "the executable's own key") : null;
        TrustedKey? given = file is not null ? Read(file) : baked is null && File.Exists(SystemFile) ? Read(SystemFile) : null;
        return baked is null || given is null || baked.key.AsSpan().SequenceEqual(given.key)
            ? baked ?? given
            : throw new EdgeSparseException($"'{file}' holds another key than the one that this executable was built with");
    }

    /// <summary>Whether the key's owner signed these bytes.</summary>
    public bool Signed(byte[] message, byte[] signature) =>
        signature.Length == SignatureBytes && Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length);

    private static TrustedKey Read(string file)
    {
        try
        {
            return Parse(Encoding.UTF8.GetString(ModelSource.ReadSmall(file) ?? throw new EdgeSparseException($"there is no key file '{file}'")), $"'{file}'");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read the key '{file}': {error.Message}", error);
        }
    }

    /// <param name="text">A PEM block, or its Base64 alone.</param>
    /// <param name="source">For messages.</param>
    private static TrustedKey Parse(string text, string source)
    {
        string body = text.Trim();
        if (body.StartsWith(Header, StringComparison.Ordinal) && body.EndsWith(Footer, StringComparison.Ordinal))
        {
            body = body[Header.Length..^Footer.Length].Trim();
        }

        byte[] bytes = new byte[Prefix.Length + KeyBytes];
        return Convert.TryFromBase64String(body, bytes, out int length) && length == bytes.Length && bytes.AsSpan().StartsWith(Prefix)
            ? new TrustedKey(bytes[Prefix.Length..], source)
            : throw new EdgeSparseException($"{source} holds no Ed25519 public key in PEM; make a pair with: edgesparse keys new");
    }
}
