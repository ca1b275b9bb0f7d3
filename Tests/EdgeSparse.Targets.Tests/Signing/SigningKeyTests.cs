using System.Runtime.Versioning;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Tests.Signing;

[UnsupportedOSPlatform("windows")]
public sealed class SigningKeyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edgesparse-keys").FullName;

    [Fact]
    public void A_signature_is_that_of_RFC_8032()
    {
        // Section 7.1, test 2, its seed as PKCS #8.
        byte[] seed = Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        byte[] prefix = [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        string path = Write($"-----BEGIN PRIVATE KEY-----\n{Convert.ToBase64String([.. prefix, .. seed])}\n-----END PRIVATE KEY-----\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        SigningKey key = SigningKey.Read(path);
        Assert.Equal(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
            Convert.ToHexStringLower(key.Sign([0x72])));
        Assert.True(key.Public.Signed([0x72], key.Sign([0x72])));
        Assert.False(key.Public.Signed([0x73], key.Sign([0x72])));
        Assert.False(key.Public.Signed([0x72], []));
    }

    [Fact]
    public void A_pair_is_written_for_its_owner_read_again_and_never_overwritten()
    {
        string path = Path.Combine(folder, "signing");
        SigningKey key = SigningKey.Create();
        key.Write(path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.True(PublicKey.Read(path + ".pub").Signed([1, 2], SigningKey.Read(path).Sign([1, 2])));

        string before = File.ReadAllText(path);
        Assert.EndsWith("exists already; a key is never overwritten", Assert.Throws<TargetsException>(() => SigningKey.Create().Write(path)).Message, StringComparison.Ordinal);
        File.Delete(path + ".pub");
        Assert.Equal($"'{path}' exists already; a key is never overwritten", Assert.Throws<TargetsException>(() => SigningKey.Create().Write(path)).Message);
        Assert.Equal(before, File.ReadAllText(path));
        Assert.False(File.Exists(path + ".pub"));
    }

    [Fact]
    public void A_private_key_that_others_can_read_is_refused_with_what_to_do()
    {
        string path = Path.Combine(folder, "open");
        SigningKey.Create().Write(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal($"the private key '{path}' can be read by others; run: chmod 600 '{path}'", Assert.Throws<TargetsException>(() => SigningKey.Read(path)).Message);
    }

    [Fact]
    public void What_is_no_key_is_named()
    {
        string path = Write("ssh-ed25519 AAAA");
        Assert.StartsWith($"'{path}' holds no Ed25519 public key", Assert.Throws<TargetsException>(() => PublicKey.Read(path)).Message, StringComparison.Ordinal);
        Assert.StartsWith($"'{path}' holds no Ed25519 private key", Assert.Throws<TargetsException>(() => SigningKey.Read(path)).Message, StringComparison.Ordinal);
        Assert.Equal("there is no key file 'no/such'", Assert.Throws<TargetsException>(() => SigningKey.Read("no/such")).Message);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private string Write(string text)
    {
        string path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, text);
        return path;
    }
}
