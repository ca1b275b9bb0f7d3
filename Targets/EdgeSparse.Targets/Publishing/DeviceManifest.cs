using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeSparse.Targets.Publishing;

/// <summary>A file of a deployable folder.</summary>
/// <param name="Name">Without folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, 64 lower-case hexadecimal digits.</param>
public sealed record ManifestFile(string Name, long Bytes, string Sha256)
{
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ManifestFile Of(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return new ManifestFile(Path.GetFileName(path), stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}

/// <summary>
/// What a deployable folder states of itself, in <c>manifest.json</c>; <c>manifest.sig</c> is the Ed25519 signature of that file's
/// bytes. The device reads both (docs/deploy.md).
/// </summary>
public sealed record DeviceManifest
{
    public const string FileName = "manifest.json";
    public const string SignatureName = "manifest.sig";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNameCaseInsensitive = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>Of this file; 1.</summary>
    public required int Format { get; init; }

    /// <summary>Id of the target profile, for example <c>rpi4</c>.</summary>
    public required string Target { get; init; }

    /// <summary>.NET runtime identifier that the executable was built for.</summary>
    public required string Rid { get; init; }

    public required string InstructionSet { get; init; }

    /// <summary>Of EdgeSparse.</summary>
    public required string Version { get; init; }

    /// <summary>
    /// Of blobs for one device, the later one has the larger number: seconds since 1970 of the blob's making, unless the publisher
    /// counts in another way. A device does not go back to a lower one unless told to.
    /// </summary>
    public required long Order { get; init; }

    public required ManifestFile Executable { get; init; }

    public required ManifestFile Blob { get; init; }

    /// <summary>All files that it states.</summary>
    [JsonIgnore]
    public IEnumerable<ManifestFile> Files => [Executable, Blob];

    /// <summary>One line of JSON; equal manifests are equal bytes.</summary>
    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(this, Options), (byte)'\n'];

    /// <exception cref="TargetsException">The bytes are no manifest.</exception>
    public static DeviceManifest Parse(ReadOnlySpan<byte> utf8, string displayName)
    {
        try
        {
            DeviceManifest manifest = JsonSerializer.Deserialize<DeviceManifest>(utf8, Options) ?? throw new TargetsException($"{displayName} is no manifest");
            return manifest.Format == 1 ? manifest : throw new TargetsException($"{displayName} has the format {manifest.Format}; this program reads format 1");
        }
        catch (JsonException error)
        {
            throw new TargetsException($"{displayName} is no manifest: {error.Message}", error);
        }
    }
}
