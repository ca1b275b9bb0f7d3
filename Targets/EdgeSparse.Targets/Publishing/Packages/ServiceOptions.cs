namespace EdgeSparse.Targets.Publishing.Packages;

/// <summary>What the service of a Debian package does: it serves, or it watches a folder.</summary>
public sealed record ServiceOptions
{
    /// <summary><c>tcp:ADDRESS:PORT</c>; null for a Unix socket in the service's folder below /run.</summary>
    public string? Serve { get; init; }

    /// <summary>The folder to watch in place of serving; an absolute path.</summary>
    public string? Watch { get; init; }

    /// <exception cref="TargetsException">The service could not do this.</exception>
    internal void Check()
    {
        if (Serve is not null && Watch is not null)
        {
            throw new TargetsException("a service either serves or watches a folder");
        }

        if (Serve is { } address && (!address.StartsWith("tcp:", StringComparison.Ordinal) || address.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))))
        {
            throw new TargetsException($"'{address}' is no address for a service; possible is tcp:ADDRESS:PORT; without one it is a Unix socket in its folder below /run");
        }

        if (Watch is { } folder && (!folder.StartsWith('/') || folder.Any(char.IsControl)))
        {
            throw new TargetsException($"'{folder}' is no folder for a service; it needs the whole path on the device, which begins with /");
        }
    }
}
