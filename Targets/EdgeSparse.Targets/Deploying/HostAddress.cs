using System.Globalization;

namespace EdgeSparse.Targets.Deploying;

/// <summary>A device on the network.</summary>
/// <param name="User">Who logs in.</param>
/// <param name="Host">Name or address.</param>
/// <param name="Port">Of its SSH server.</param>
public sealed record HostAddress(string User, string Host, int Port)
{
    public const int DefaultPort = 22;

    /// <summary>The name under which known_hosts files list it.</summary>
    public string KnownAs => Port == DefaultPort ? Host : $"[{Host}]:{Port}";

    /// <summary>Reads <c>[user@]host[:port]</c>; an IPv6 address stands in brackets. Without a user it is the present one.</summary>
    /// <exception cref="TargetsException">The text has another form.</exception>
    public static HostAddress Parse(string text)
    {
        int at = text.LastIndexOf('@');
        string user = at < 0 ? Environment.UserName : text[..at];
        string place = text[(at + 1)..];
        int bracket = place.StartsWith('[') ? place.IndexOf(']') : -1;
        int colon = place.IndexOf(':', Math.Max(bracket, 0));
        string host = bracket > 0 ? place[1..bracket] : colon < 0 ? place : place[..colon];
        int port = DefaultPort;
        bool valid = user.Length > 0 && host.Length > 0 && !host.Any(char.IsWhiteSpace) && !user.Any(char.IsWhiteSpace)
            && (bracket < 0 || (bracket > 0 && (bracket + 1 == place.Length || colon == bracket + 1)))
            && (colon < 0 || (int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535));
        return valid ? new HostAddress(user, host, port) : throw new TargetsException($"'{text}' is no host; hosts have the form user@host or user@host:port");
    }

    public override string ToString() => $"{User}@{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}{(Port == DefaultPort ? "" : $":{Port}")}";
}
