using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Tests.Deploying;

public class KnownHostsTests
{
    private static readonly byte[] Key = [0, 0, 0, 11, .. "ssh-ed25519"u8, 1, 2, 3];
    private static readonly string Text = Convert.ToBase64String(Key);

    [Theory]
    [InlineData("pi@host", "host ssh-ed25519 KEY", HostKeyStanding.Known)]
    [InlineData("pi@host", "other,HOST ssh-ed25519 KEY comment", HostKeyStanding.Known)]
    [InlineData("pi@host:2222", "host ssh-ed25519 KEY", HostKeyStanding.Unknown)]
    [InlineData("pi@host:2222", "[host]:2222 ssh-ed25519 KEY", HostKeyStanding.Known)]
    [InlineData("pi@pi7.lan", "*.lan,!pi7.lan ssh-ed25519 KEY", HostKeyStanding.Unknown)]
    [InlineData("pi@pi8.lan", "*.lan,!pi7.lan ssh-ed25519 KEY", HostKeyStanding.Known)]
    [InlineData("pi@pi8", "pi? ssh-ed25519 KEY", HostKeyStanding.Known)]
    [InlineData("pi@host", "host ssh-ed25519 AAAA", HostKeyStanding.Changed)]
    [InlineData("pi@host", "@revoked * ssh-ed25519 KEY\nhost ssh-ed25519 KEY", HostKeyStanding.Revoked)]
    [InlineData("pi@host", "@cert-authority * ssh-ed25519 KEY", HostKeyStanding.Unknown)]
    [InlineData("pi@host", "# host ssh-ed25519 KEY\n\nhost ssh-ed25519", HostKeyStanding.Unknown)]
    public void A_key_is_known_changed_revoked_or_unknown(string host, string lines, HostKeyStanding expected)
    {
        KnownHosts known = new();
        known.Add(lines.Replace("KEY", Text, StringComparison.Ordinal).Split('\n'));
        Assert.Equal(expected, known.StandingOf(HostAddress.Parse(host), Key));
    }

    [Fact]
    public void Hashed_names_are_an_HMAC_of_the_name()
    {
        // Salt 0, 1, … 19, and HMAC-SHA1 of the name, both in Base64.
        KnownHosts known = new();
        known.Add([$"|1|AAECAwQFBgcICQoLDA0ODxAREhM=|bFDVYqbsfLlUB0fPAZemUYx8Gnc= ssh-ed25519 {Text}"]);
        Assert.Equal(HostKeyStanding.Known, known.StandingOf(HostAddress.Parse("pi@example.org"), Key));
        Assert.Equal(HostKeyStanding.Unknown, known.StandingOf(HostAddress.Parse("pi@example.com"), Key));
        Assert.Equal(["ssh-ed25519"], known.KeyTypesOf(HostAddress.Parse("pi@example.org")));
    }

    [Fact]
    public void A_line_for_a_host_is_read_as_that_host()
    {
        HostAddress host = HostAddress.Parse("pi@host:2222");
        string line = KnownHosts.LineFor(host, "ssh-ed25519", Key);
        Assert.Equal($"[host]:2222 ssh-ed25519 {Text}", line);
        KnownHosts known = new();
        known.Add([line]);
        Assert.Equal(HostKeyStanding.Known, known.StandingOf(host, Key));
    }
}
