namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>A published model as one file, of the kind that its name's ending says.</summary>
public static class PackageFile
{
    /// <summary>Whether the name is one of a package, in place of a folder's.</summary>
    public static bool IsOne(string path) => IsDebian(path) || path.EndsWith(DeployableArchive.Ending, StringComparison.Ordinal);

    public static bool IsDebian(string path) => path.EndsWith(DebianPackage.Ending, StringComparison.Ordinal);

    /// <summary>Refuses a place that nothing can be written to, before anything is built.</summary>
    /// <exception cref="TargetsException">Its folder is not there, or it is a folder itself.</exception>
    public static void Check(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder) || Directory.Exists(path))
        {
            throw new TargetsException(Directory.Exists(path) ? $"'{path}' is a folder" : $"there is no folder '{folder}' to write '{Path.GetFileName(path)}' to");
        }
    }

    /// <summary>Writes the file, whole or not at all.</summary>
    /// <param name="path">Ends in .deb or .tar.gz.</param>
    /// <param name="folder">What goes in.</param>
    /// <param name="service">Of a .deb.</param>
    /// <returns>Its length.</returns>
    /// <exception cref="TargetsException">A file cannot be read or written.</exception>
    public static long Write(string path, DeployableFolder folder, ServiceOptions service)
    {
        byte[] bytes = IsDebian(path)
            ? DebianPackage.Create(folder, service)
            : DeployableArchive.Create(folder, Path.GetFileName(path)[..^DeployableArchive.Ending.Length]);
        string part = $"{path}.{Environment.ProcessId}.part";
        try
        {
            File.WriteAllBytes(part, bytes);
            File.Move(part, path, overwrite: true);
            return bytes.Length;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot write '{path}': {error.Message}", error);
        }
        finally
        {
            File.Delete(part);
        }
    }
}
