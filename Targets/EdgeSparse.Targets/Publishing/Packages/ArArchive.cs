using System.Globalization;
using System.Text;

namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>The archive of ar(5), of which Debian's packages have the outermost form (deb(5)).</summary>
internal static class ArArchive
{
    private const int LongestName = 16;

    /// <summary>All members are root's, mode 644; a member of an odd length is followed by a line end.</summary>
    /// <param name="members">Names of at most 16 ASCII characters, and contents.</param>
    /// <param name="seconds">Time of all members, since 1970.</param>
    public static byte[] Create(IEnumerable<(string Name, byte[] Content)> members, long seconds)
    {
        using MemoryStream archive = new();
        archive.Write("!<arch>\n"u8);
        foreach ((string name, byte[] content) in members)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, LongestName);
            string header = string.Create(CultureInfo.InvariantCulture, $"{name,-16}{seconds,-12}{0,-6}{0,-6}{"100644",-8}{content.Length,-10}`\n");
            archive.Write(Encoding.ASCII.GetBytes(header));
            archive.Write(content);
            if (content.Length % 2 != 0)
            {
                archive.WriteByte((byte)'\n');
            }
        }

        return archive.ToArray();
    }
}
