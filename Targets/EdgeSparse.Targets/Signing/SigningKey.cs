using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EdgeSparse.Targets.Signing;

/// <summary>The private key that signs what devices are to run (Ed25519, RFC 8032).</summary>
public sealed class SigningKey
{
    private const string Label = "PRIVATE KEY";

    /// <summary>PKCS #8 of an Ed25519 key up to the seed itself (RFC 8410, section 7).</summary>
    private static readonly byte[] Prefix = [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private readonly byte[] seed;

    private SigningKey(byte[] seed)
    {
        this.seed = seed;
        byte[] key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(seed, 0, key, 0);
        Public = new PublicKey(key);
    }

    public PublicKey Public { get; }

    /// <summary>A new key from the system's random numbers.</summary>
    public static SigningKey Create() => new(RandomNumberGenerator.GetBytes(Ed25519.SecretKeySize));

    /// <exception cref="TargetsException">The file is missing, holds no private key, or can be read by others than its owner.</exception>
    public static SigningKey Read(string path)
    {
        string text = KeyFile.Read(path);
        byte[] seed = PemBlock.Read(text, Label, Prefix)
            ?? throw new TargetsException($"'{path}' holds no Ed25519 private key in PEM; make a pair with: edgesparse keys new");
        UnixFileMode open = KeyFile.ModeOf(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return open == 0 ? new SigningKey(seed) : throw new TargetsException($"the private key '{path}' can be read by others; run: chmod 600 '{path}'");
    }

    /// <summary>Writes the private key, for its owner alone, and the public one beside it, named <c>.pub</c>.</summary>
    /// <exception cref="TargetsException">One of the files exists already, or cannot be written.</exception>
    public void Write(string path)
    {
        string publicPath = path + ".pub";
        if (File.Exists(publicPath))
        {
            throw new TargetsException($"'{publicPath}' exists already; a key is never overwritten");
        }

        KeyFile.Create(path, PemBlock.Write(Label, Prefix, seed), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        KeyFile.Create(
            publicPath, Public.Pem, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <returns>The signature, 64 bytes; equal messages have equal signatures.</returns>
    public byte[] Sign(byte[] message)
    {
        byte[] signature = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(seed, 0, message, 0, message.Length, signature, 0);
        return signature;
    }
}
