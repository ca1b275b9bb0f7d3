using System.Text.Json;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware.Trust;

/// <summary>A file of a deployable folder as its manifest states it.</summary>
/// <param name="Name">Without folders.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its digest, 64 lower-case hexadecimal digits.</param>
internal sealed record ManifestFile(string Name, long Bytes, string Sha256);

/// <summary>What <c>manifest.json</c> of a deployable folder states; docs/deploy.md describes every field.</summary>
internal sealed record Manifest
{
    public const string FileName = "manifest.json";
    public const string SignatureName = "manifest.sig";
    public const int LargestBytes = 16384;

    private const int Format = 1;

    public string Target { get; private init; } = "";

    public string Version { get; private init; } = "";

    /// <summary>Grows with each blob; a device refuses to go back unless told to.</summary>
    public long Order { get; private init; } = -1;

    public ManifestFile? Executable { get; private init; }

    public ManifestFile Blob { get; private init; } = new("", 0, "");

    /// <param name="utf8">The file's bytes.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="EdgeSparseException">The bytes are no manifest of a known format.</exception>
    public static Manifest Parse(ReadOnlySpan<byte> utf8, string path)
    {
        Manifest manifest = new();
        int format = 0;
        try
        {
            Utf8JsonReader json = new(utf8);
            Expect(json.Read() && json.TokenType == JsonTokenType.StartObject, "an object is due");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                string name = json.GetString()!;
                json.Read();
                switch (name)
                {
                    case "format":
                        format = json.GetInt32();
                        break;
                    case "target":
                        manifest = manifest with { Target = json.GetString() ?? "" };
                        break;
                    case "version":
                        manifest = manifest with { Version = json.GetString() ?? "" };
                        break;
                    case "order":
                        manifest = manifest with { Order = json.GetInt64() };
                        break;
                    case "executable":
                        manifest = manifest with { Executable = ReadFile(ref json) };
                        break;
                    case "blob":
                        manifest = manifest with { Blob = ReadFile(ref json) };
                        break;
                    default:
                        json.Skip();
                        break;
                }
            }

            // The reader refuses whatever follows the object.
            Expect(!json.Read(), "one object is due");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new EdgeSparseException($"'{path}' is no manifest: {error.Message}", error);
        }

        return format != Format ? throw new EdgeSparseException($"'{path}' has the format {format}; this program reads format {Format}")
            : manifest.Blob.Name.Length == 0 || manifest.Order < 0 ? throw new EdgeSparseException($"'{path}' names no blob, or states no order")
            : manifest;
    }

    private static ManifestFile ReadFile(ref Utf8JsonReader json)
    {
        ManifestFile file = new("", -1, "");
        Expect(json.TokenType == JsonTokenType.StartObject, "a file is described by an object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            string name = json.GetString()!;
            json.Read();
            switch (name)
            {
                case "name":
                    file = file with { Name = json.GetString() ?? "" };
                    break;
                case "bytes":
                    file = file with { Bytes = json.GetInt64() };
                    break;
                case "sha256":
                    file = file with { Sha256 = json.GetString() ?? "" };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        // A name with a folder in it could lead out of the folder that the manifest describes.
        Expect(file.Name.Length > 0 && file.Name is not ("." or "..") && !file.Name.Contains('/') && file.Bytes >= 0 && file.Sha256.Length == 64, "a file needs name (without folders), bytes and sha256");
        return file;
    }

    private static void Expect(bool holds, string message)
    {
        if (!holds)
        {
            throw new FormatException(message);
        }
    }
}
