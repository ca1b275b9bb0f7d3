using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace EdgeSparse.Targets.Deploying;

/// <summary>What is known of a host's key.</summary>
public enum HostKeyStanding
{
    /// <summary>Listed with this key.</summary>
    Known,

    /// <summary>Not listed at all.</summary>
    Unknown,

    /// <summary>Listed with other keys only.</summary>
    Changed,

    /// <summary>The key itself is marked as revoked.</summary>
    Revoked,
}

/// <summary>
/// OpenSSH's files of host keys (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"): plain, hashed and wildcard names, and revoked keys.
/// Certificate authorities are passed over: a host known by one alone counts as unknown.
/// </summary>
public sealed class KnownHosts
{
    private const string Hashed = "|1|";

    private readonly List<Entry> entries = [];

    private sealed record Entry(string Names, string KeyType, string Key, bool Revoked);

    /// <summary>The user's own file, where new hosts are written.</summary>
    public static string DefaultPath => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh", "known_hosts");

    /// <summary>The system's file, which is read besides.</summary>
    public static string SystemPath => "/etc/ssh/ssh_known_hosts";

    /// <summary>Reads all files that exist.</summary>
    /// <exception cref="TargetsException">A file cannot be read.</exception>
    public static KnownHosts Read(params ReadOnlySpan<string> paths)
    {
        KnownHosts known = new();
        foreach (string path in paths)
        {
            try
            {
                if (File.Exists(path))
                {
                    known.Add(File.ReadAllLines(path));
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new TargetsException($"cannot read the known hosts of '{path}': {error.Message}", error);
            }
        }

        return known;
    }

    /// <summary>Lines as the files have them; those that say nothing are passed over, as OpenSSH does.</summary>
    public void Add(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            bool revoked = fields is ["@revoked", ..];
            string[] rest = revoked ? fields[1..] : fields;
            if (rest.Length >= 3 && !rest[0].StartsWith('#') && !rest[0].StartsWith('@'))
            {
                entries.Add(new Entry(rest[0], rest[1], rest[2], revoked));
            }
        }
    }

    /// <param name="host">Who answered.</param>
    /// <param name="key">Its public key as SSH sends it.</param>
    public HostKeyStanding StandingOf(HostAddress host, ReadOnlySpan<byte> key)
    {
        string text = Convert.ToBase64String(key);
        Entry[] listed = [.. entries.Where(e => Matches(e.Names, host.KnownAs))];
        return listed.Any(e => e.Revoked && e.Key == text) ? HostKeyStanding.Revoked
            : listed.Any(e => !e.Revoked && e.Key == text) ? HostKeyStanding.Known
            : listed.Any(e => !e.Revoked) ? HostKeyStanding.Changed
            : HostKeyStanding.Unknown;
    }

    /// <summary>Types of the keys that the host is listed with; a server is asked for one of these first. Empty for an unknown host.</summary>
    public IReadOnlySet<string> KeyTypesOf(HostAddress host) =>
        entries.Where(e => !e.Revoked && Matches(e.Names, host.KnownAs)).Select(e => e.KeyType).ToHashSet();

    /// <summary>A line for the host's key.</summary>
    public static string LineFor(HostAddress host, string keyType, ReadOnlySpan<byte> key) => $"{host.KnownAs} {keyType} {Convert.ToBase64String(key)}";

    private static bool Matches(string names, string host)
    {
        bool matches = false;
        foreach (string name in names.Split(','))
        {
            if (name.StartsWith('!'))
            {
                if (MatchesPattern(name.AsSpan(1), host))
                {
                    return false;
                }
            }
            else
            {
                matches |= name.StartsWith(Hashed, StringComparison.Ordinal) ? MatchesHash(name[Hashed.Length..], host) : MatchesPattern(name, host);
            }
        }

        return matches;
    }

    /// <summary><c>salt|HMAC-SHA1(salt, name)</c>, both in Base64: the file does not tell which hosts it lists.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "The file's format has this digest; it hides names and protects nothing.")]
    private static bool MatchesHash(string text, string host)
    {
        string[] parts = text.Split('|');
        byte[] salt = new byte[64];
        return parts.Length == 2 && Convert.TryFromBase64String(parts[0], salt, out int length)
            && Convert.ToBase64String(HMACSHA1.HashData(salt.AsSpan(0, length), Encoding.UTF8.GetBytes(host))) == parts[1];
    }

    /// <summary>* stands for any characters, ? for one.</summary>
    private static bool MatchesPattern(ReadOnlySpan<char> pattern, ReadOnlySpan<char> host)
    {
        if (pattern.IsEmpty)
        {
            return host.IsEmpty;
        }

        if (pattern[0] == '*')
        {
            for (int skipped = 0; skipped <= host.Length; skipped++)
            {
                if (MatchesPattern(pattern[1..], host[skipped..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !host.IsEmpty && (pattern[0] == '?' || char.ToLowerInvariant(pattern[0]) == char.ToLowerInvariant(host[0])) && MatchesPattern(pattern[1..], host[1..]);
    }
}
