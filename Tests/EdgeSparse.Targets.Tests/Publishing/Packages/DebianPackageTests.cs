using System.Collections.Immutable;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing.Packages;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Targets.Tests.Publishing.Packages;

public class DebianPackageTests
{
    private static readonly ServiceOptions Serving = new();

    [Fact]
    public void Dpkg_finds_the_control_file_that_was_meant()
    {
        using PublishedFolder folder = new();
        Assert.Equal(
            """
             Package: edgesparse-digits-v2
             Version: 1795651200+0.1.0
             Architecture: arm64
             Maintainer: edgesparse publish <root@localhost>
             Installed-Size: 2
             Depends: libc6 (>= 2.34), systemd
             Section: science
             Priority: optional
             Description: EdgeSparse model Digits v2.esb for rpi4
            """,
            Lines(Dpkg("--info", folder, Serving), " Package:", 9));
    }

    [Fact]
    public void Dpkg_lists_executable_blob_manifest_and_unit_as_roots()
    {
        using PublishedFolder folder = new(key: SigningKey.Create());
        string[] lines = Dpkg("--contents", folder, Serving).TrimEnd().Split('\n');
        Assert.All(lines, line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
        Assert.Equal(
            [
                "drwxr-xr-x ./", "drwxr-xr-x ./usr/", "drwxr-xr-x ./usr/lib/", "drwxr-xr-x ./usr/lib/systemd/", "drwxr-xr-x ./usr/lib/systemd/system/",
                "-rw-r--r-- ./usr/lib/systemd/system/edgesparse-digits-v2.service",
                "drwxr-xr-x ./usr/lib/edgesparse/", "drwxr-xr-x ./usr/lib/edgesparse/edgesparse-digits-v2/",
                "-rwxr-xr-x ./usr/lib/edgesparse/edgesparse-digits-v2/edgesparse-run", "-rw-r--r-- ./usr/lib/edgesparse/edgesparse-digits-v2/Digits v2.esb",
                "-rw-r--r-- ./usr/lib/edgesparse/edgesparse-digits-v2/manifest.sig", "-rw-r--r-- ./usr/lib/edgesparse/edgesparse-digits-v2/manifest.json",
            ],
            lines.Select(line => $"{line[..10]} {line[line.IndexOf("./", StringComparison.Ordinal)..]}"));
    }

    [Fact]
    public void Equal_folders_give_equal_bytes()
    {
        using PublishedFolder one = new();
        using PublishedFolder other = new();
        Assert.Equal(DebianPackage.Create(one.Deployable, Serving), DebianPackage.Create(other.Deployable, Serving));
    }

    [Theory]
    [InlineData(null, null, "--serve unix:/run/edgesparse-m/socket $EDGESPARSE_OPTIONS", "RestrictAddressFamilies=AF_UNIX", "ExecReload=/bin/kill -HUP $MAINPID")]
    [InlineData("tcp:0.0.0.0:7070", null, "--serve tcp:0.0.0.0:7070 $EDGESPARSE_OPTIONS", "RestrictAddressFamilies=AF_INET AF_INET6", "After=network-online.target")]
    [InlineData(null, "/srv/50 % in", "--watch \"/srv/50 %% in\" --json $EDGESPARSE_OPTIONS", "RestrictAddressFamilies=AF_UNIX", "ProtectHome=read-only")]
    public void The_unit_runs_the_mode_that_was_asked_for(string? serve, string? watch, string mode, params string[] further)
    {
        string[] unit = SystemdUnit.Text("edgesparse-m", "/usr/lib/edgesparse/edgesparse-m", new ServiceOptions { Serve = serve, Watch = watch }).Split('\n');
        Assert.Contains($"ExecStart=/usr/lib/edgesparse/edgesparse-m/edgesparse-run /usr/lib/edgesparse/edgesparse-m {mode}", unit);
        Assert.All(further.Concat(["DynamicUser=yes", "NoNewPrivileges=yes", "ProtectSystem=strict"]), line => Assert.Contains(line, unit));
    }

    [Fact]
    public void Systemd_finds_nothing_wrong_with_the_unit()
    {
        const string Program = "/usr/bin/systemd-analyze";
        Assert.SkipUnless(File.Exists(Program), "there is no systemd-analyze here");
        using PublishedFolder folder = new();
        string unit = folder["edgesparse-m.service"];
        // What the unit starts must be there: any program is good enough to be checked for.
        File.WriteAllText(unit, SystemdUnit.Text("edgesparse-m", "/usr/lib/edgesparse/edgesparse-m", Serving).Replace("/usr/lib/edgesparse/edgesparse-m/edgesparse-run", "/bin/true", StringComparison.Ordinal));
        ProcessResult result = ProcessRunner.Run(new ProcessRequest(Program, ["verify", "--man=no", unit]), cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain("edgesparse-m.service", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Digits v2.esb", "edgesparse-digits-v2")]
    [InlineData("/a/b/mnist.esb", "edgesparse-mnist")]
    [InlineData("--x__1.esb", "edgesparse-x--1")]
    public void A_package_is_named_after_the_blob(string blob, string name) => Assert.Equal(name, DebianPackage.NameOf(blob));

    [Theory]
    [InlineData("android-arm64", null, null, "'android-arm64' (linux-bionic-arm64) takes no Debian packages; publish a folder or a .tar.gz for it")]
    [InlineData("rpi4", "unix:/tmp/s", null, "'unix:/tmp/s' is no address for a service; possible is tcp:ADDRESS:PORT; without one it is a Unix socket in its folder below /run")]
    [InlineData("rpi4", null, "in", "'in' is no folder for a service; it needs the whole path on the device, which begins with /")]
    [InlineData("rpi4", "tcp:0.0.0.0:1", "/in", "a service either serves or watches a folder")]
    public void What_no_package_can_be_made_for_is_refused(string target, string? serve, string? watch, string message) =>
        Assert.Equal(message, Assert.Throws<TargetsException>(
            () => DebianPackage.Check(ToolchainFile.Read().Find(target), new ServiceOptions { Serve = serve, Watch = watch })).Message);

    [Fact]
    public void A_name_without_letters_is_refused() =>
        Assert.Equal("'_.esb' gives no name for a package: it needs a letter or a digit", Assert.Throws<TargetsException>(() => DebianPackage.NameOf("_.esb")).Message);

    private static string Dpkg(string option, PublishedFolder folder, ServiceOptions service)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/dpkg-deb"), "there is no dpkg-deb here");
        string file = folder["m.deb"];
        PackageFile.Write(file, folder.Deployable, service);
        ProcessResult result = ProcessRunner.Run(
            new ProcessRequest("dpkg-deb", [option, file]) { Environment = ImmutableSortedDictionary<string, string?>.Empty.Add("TZ", "UTC") },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return result.Output;
    }

    private static string Lines(string text, string first, int count) =>
        string.Join('\n', text.Split('\n').SkipWhile(l => !l.StartsWith(first, StringComparison.Ordinal)).Take(count));
}
