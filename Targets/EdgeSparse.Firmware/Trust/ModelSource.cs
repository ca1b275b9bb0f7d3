using EdgeSparse.Runtime;
using Org.BouncyCastle.Crypto.Digests;

namespace EdgeSparse.Firmware.Trust;

/// <summary>A model on the disk that may be loaded: a blob, or a deployable folder with a manifest.</summary>
/// <param name="BlobPath">The blob's file.</param>
/// <param name="Manifest">What its folder's manifest states of it; null for a blob alone.</param>
internal sealed record ModelSource(string BlobPath, Manifest? Manifest)
{
    private const int ReadBytes = 65536;

    /// <summary>Finds the blob. With a key, the manifest must be signed; where there is a manifest to go by, the blob must be the one that it states.</summary>
    /// <param name="path">A blob, or a folder with a manifest.</param>
    /// <param name="key">Who must have signed the manifest; null for nobody.</param>
    /// <exception cref="EdgeSparseException">Something is missing, unsigned or not what the manifest states.</exception>
    public static ModelSource Open(string path, TrustedKey? key)
    {
        bool isFolder = Directory.Exists(path);
        if (!isFolder && key is null)
        {
            return new ModelSource(path, null);
        }

        // A missing blob is named as such, not by its missing manifest.
        if (!isFolder && !File.Exists(path))
        {
            throw new EdgeSparseException($"there is no file '{path}'");
        }

        string folder = isFolder ? path : Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
        Manifest manifest = ReadManifest(folder, key);
        if (!isFolder && manifest.Blob.Name != Path.GetFileName(path))
        {
            throw new EdgeSparseException($"'{path}' is not the blob of the manifest beside it, which is '{manifest.Blob.Name}'; {RefusedBy(key)}");
        }

        RequireDigest(folder, manifest.Blob);
        return new ModelSource(Path.Combine(folder, manifest.Blob.Name), manifest);
    }

    /// <summary>Everything that a manifest states of its folder, the executable too.</summary>
    /// <exception cref="EdgeSparseException">As for <see cref="Open"/>.</exception>
    public static ModelSource OpenWhole(string folder, TrustedKey? key)
    {
        Manifest manifest = ReadManifest(folder, key);
        if (manifest.Executable is { } executable)
        {
            RequireDigest(folder, executable);
        }

        RequireDigest(folder, manifest.Blob);
        return new ModelSource(Path.Combine(folder, manifest.Blob.Name), manifest);
    }

    /// <summary>The folder's manifest, signed by the key where there is one.</summary>
    /// <exception cref="EdgeSparseException">There is none, it is not signed, or it is malformed.</exception>
    public static Manifest ReadManifest(string folder, TrustedKey? key)
    {
        string path = Path.Combine(folder, Manifest.FileName);
        byte[] text = ReadSmall(path) ?? throw new EdgeSparseException($"there is no '{path}'{(key is null ? "" : $"; {RefusedBy(key)}")}");
        if (key is not null)
        {
            byte[] signature = ReadSmall(Path.Combine(folder, Manifest.SignatureName))
                ?? throw new EdgeSparseException($"'{path}' is not signed; {RefusedBy(key)}");
            if (!key.Signed(text, signature))
            {
                throw new EdgeSparseException($"the signature of '{path}' is wrong: the owner of {key.Source} did not sign it as it is");
            }
        }

        return Manifest.Parse(text, path);
    }

    private static string RefusedBy(TrustedKey? key) => $"with {key?.Source} configured, only models signed by its owner are loaded";

    /// <summary>A whole file of at most <see cref="Manifest.LargestBytes"/>; null where there is none.</summary>
    /// <exception cref="EdgeSparseException">It is longer.</exception>
    public static byte[]? ReadSmall(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length > Manifest.LargestBytes)
        {
            throw new EdgeSparseException($"'{path}' has {stream.Length} bytes, more than the {Manifest.LargestBytes} allowed");
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static void RequireDigest(string folder, ManifestFile file)
    {
        string path = Path.Combine(folder, file.Name);
        if (!File.Exists(path))
        {
            throw new EdgeSparseException($"there is no '{path}', which the manifest names");
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length != file.Bytes)
        {
            throw new EdgeSparseException($"'{path}' has {stream.Length} bytes, not the {file.Bytes} of the manifest");
        }

        Sha256Digest digest = new();
        byte[] buffer = new byte[ReadBytes];
        for (int count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
        {
            digest.BlockUpdate(buffer, 0, count);
        }

        byte[] found = new byte[digest.GetDigestSize()];
        digest.DoFinal(found, 0);
        if (Convert.ToHexStringLower(found) != file.Sha256)
        {
            throw new EdgeSparseException($"'{path}' is not the file of the manifest: its SHA-256 is another");
        }
    }
}
