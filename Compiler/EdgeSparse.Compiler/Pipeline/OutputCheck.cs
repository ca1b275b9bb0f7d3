using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>Finds out before hours of work whether their result can be written.</summary>
public static class OutputCheck
{
    /// <summary>As for one path, and that no two are the same file.</summary>
    /// <exception cref="EdgeSparseException">As for one path, or two are the same.</exception>
    public static void EnsureWritable(string first, string? second)
    {
        EnsureWritable(first);
        EnsureWritable(second);
        if (second is not null && Path.GetFullPath(first) == Path.GetFullPath(second))
        {
            throw new EdgeSparseException($"'{first}' cannot take two outputs at once");
        }
    }

    /// <exception cref="EdgeSparseException">The file's folder is missing or not writable, or the path is a folder.</exception>
    public static void EnsureWritable(string? path)
    {
        if (path is null || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return;
        }

        string full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            throw new EdgeSparseException($"cannot write '{path}': it is a folder");
        }

        string probe = $"{full}.{Environment.ProcessId}.probe";
        try
        {
            using FileStream file = new(probe, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (DirectoryNotFoundException error)
        {
            throw new EdgeSparseException($"cannot write '{path}': there is no folder '{Path.GetDirectoryName(full)}'", error);
        }
        catch (FileNotFoundException error)
        {
            throw new EdgeSparseException($"cannot write '{path}': no file can be made in '{Path.GetDirectoryName(full)}'", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot write '{path}': {error.Message}", error);
        }
    }
}
