using System.Formats.Tar;
using System.IO.Compression;

namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>A deployable folder as one <c>.tar.gz</c>: a folder of the archive's name with executable, blob, manifest and signature.</summary>
public static class DeployableArchive
{
    public const string Ending = ".tar.gz";

    /// <param name="folder">What to put in.</param>
    /// <param name="name">Of the folder in the archive.</param>
    /// <exception cref="TargetsException">A file cannot be read.</exception>
    public static byte[] Create(DeployableFolder folder, string name) => TarArchive.Create(Files(folder, name), "", folder.Manifest.Order);

    /// <summary>Unpacks an archive into a folder and reads it.</summary>
    /// <param name="path">The archive.</param>
    /// <param name="into">An empty folder.</param>
    /// <exception cref="TargetsException">It is no such archive.</exception>
    public static DeployableFolder Unpack(string path, string into)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            using GZipStream archive = new(file, CompressionMode.Decompress);
            TarFile.ExtractToDirectory(archive, into, overwriteFiles: false);
            return Directory.GetDirectories(into) is [var folder]
                ? DeployableFolder.Read(folder)
                : throw new TargetsException($"'{path}' does not hold one deployable folder; make one with: edgesparse publish -o NAME{Ending}");
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the archive '{path}': {error.Message}", error);
        }
    }

    /// <summary>
    /// The folder's files below another. The manifest comes last: a server looks at it to find that the model is another one, and finds
    /// all that it states in place then.
    /// </summary>
    internal static IEnumerable<ArchivedFile> Files(DeployableFolder folder, string place)
    {
        foreach (ManifestFile file in folder.Manifest.Files)
        {
            yield return new ArchivedFile($"{place}/{file.Name}", Read(folder, file), file == folder.Manifest.Executable);
        }

        if (folder.Signature is not null)
        {
            yield return new ArchivedFile($"{place}/{DeviceManifest.SignatureName}", folder.Signature);
        }

        yield return new ArchivedFile($"{place}/{DeviceManifest.FileName}", folder.ManifestBytes);
    }

    private static byte[] Read(DeployableFolder folder, ManifestFile file)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(folder.Folder, file.Name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read '{file.Name}' of '{folder.Folder}': {error.Message}", error);
        }
    }
}
