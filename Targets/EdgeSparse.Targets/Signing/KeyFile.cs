namespace EdgeSparse.Targets.Signing;

/// <summary>Key files: small, and never overwritten.</summary>
internal static class KeyFile
{
    private const int LargestBytes = 4096;

    /// <exception cref="TargetsException">The file is missing, too large for a key, or cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            FileInfo file = new(path);
            return !file.Exists ? throw new TargetsException($"there is no key file '{path}'")
                : file.Length > LargestBytes ? throw new TargetsException($"'{path}' has {file.Length} bytes, which no key file has")
                : File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot read the key '{path}': {error.Message}", error);
        }
    }

    public static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? 0 : File.GetUnixFileMode(path);

    /// <summary>Writes a file that was not there, with its final mode from the first byte on.</summary>
    /// <exception cref="TargetsException">It exists, or cannot be written.</exception>
    public static void Create(string path, string text, UnixFileMode mode)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        try
        {
            using FileStream stream = new(path, options);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        catch (IOException error) when (File.Exists(path))
        {
            throw new TargetsException($"'{path}' exists already; a key is never overwritten", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TargetsException($"cannot write the key '{path}': {error.Message}", error);
        }
    }
}
