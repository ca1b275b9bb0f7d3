using System.Globalization;
using System.Text;

namespace EdgeSparse.Energy.Meters;

/// <summary>One attribute of the kernel's sysfs: a small file with one value, which the driver makes up at each read.</summary>
internal static class SysfsFile
{
    private const int Longest = 256;

    /// <summary>The text without the line's end.</summary>
    /// <exception cref="MeterException">The file is absent, forbidden, or its driver answers with an error.</exception>
    public static string Text(string path)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        int length;
        try
        {
            using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            length = RandomAccess.Read(handle, bytes, 0);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new MeterException($"no permission to read {path}; run this as root, or once: sudo chmod a+r {path}", error);
        }
        catch (IOException error)
        {
            throw new MeterException($"cannot read {path}: {error.Message}", error);
        }

        return Encoding.UTF8.GetString(bytes[..length]).Trim();
    }

    /// <summary>The text, or null where there is no such file.</summary>
    /// <exception cref="MeterException">It is there and cannot be read.</exception>
    public static string? TextIfThere(string path) => File.Exists(path) ? Text(path) : null;

    /// <summary>A whole number.</summary>
    /// <exception cref="MeterException">As <see cref="Text"/>, or it is no number.</exception>
    public static long Number(string path)
    {
        string text = Text(path);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new MeterException($"{path} holds '{text}', not a whole number");
    }

    /// <summary>Folders in a folder, in order of their names; none where it is absent.</summary>
    public static IReadOnlyList<string> Folders(string path)
    {
        if (!Directory.Exists(path))
        {
            return [];
        }

        string[] folders = Directory.GetDirectories(path);
        Array.Sort(folders, StringComparer.Ordinal);
        return folders;
    }
}
