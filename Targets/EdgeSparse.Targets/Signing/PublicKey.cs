using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EdgeSparse.Targets.Signing;

/// <summary>The key that devices know: whose signatures they accept.</summary>
public sealed class PublicKey
{
    private const string Label = "PUBLIC KEY";

    /// <summary>SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, section 4).</summary>
    private static readonly byte[] Prefix = [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    private readonly byte[] key;

    /// <param name="key">32 bytes (RFC 8032, section 5.1.5).</param>
    internal PublicKey(byte[] key) => this.key = key;

    /// <summary>As a device's file <c>trusted.pub</c> has it.</summary>
    public string Pem => PemBlock.Write(Label, Prefix, key);

    /// <summary>As it is baked into an executable: the Base64 of the PEM block alone.</summary>
    internal string Base64 => Convert.ToBase64String([.. Prefix, .. key]);

    /// <exception cref="TargetsException">The file is missing or holds no public key.</exception>
    public static PublicKey Read(string path) => PemBlock.Read(KeyFile.Read(path), Label, Prefix) is { } key
        ? new PublicKey(key)
        : throw new TargetsException($"'{path}' holds no Ed25519 public key in PEM; make a pair with: edgesparse keys new");

    /// <summary>Whether the key's owner signed the message.</summary>
    /// <param name="message">As it was signed.</param>
    /// <param name="signature">64 bytes; any other length is no signature.</param>
    public bool Signed(byte[] message, byte[] signature) =>
        signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, key, 0, message, 0, message.Length);
}
