namespace EdgeSparse.Cli.Tests.Packages;

/// <summary><c>edgesparse publish --target rpi4</c> from model to package: opened with the system's own tools, and run on an emulated processor.</summary>
[Trait("Speed", "slow")]
public sealed class RaspberryPiPackageTests(RaspberryPiPackages packages) : IClassFixture<RaspberryPiPackages>
{
    private const string Place = "usr/lib/edgesparse/edgesparse-sums";
    private const string Unit = "usr/lib/systemd/system/edgesparse-sums.service";

    [Fact]
    public void Dpkg_agrees_with_what_was_reported()
    {
        string info = packages.Call("dpkg-deb", "--info", packages.Debian);
        Assert.Matches(@"\n Package: edgesparse-sums\n Version: 5\+\d+\.\d+\.\d+\n Architecture: arm64\n", info);
        Assert.Matches(@"\n Depends: libc6 \(>= 2\.\d+\), systemd\n", info);
        string[] names = [.. packages.Call("dpkg-deb", "--contents", packages.Debian).TrimEnd().Split('\n').Where(l => l[0] == '-').Select(l => l[l.IndexOf("./", StringComparison.Ordinal)..])];
        Assert.Equal([$"./{Unit}", $"./{Place}/edgesparse-run", $"./{Place}/sums.esb", $"./{Place}/manifest.sig", $"./{Place}/manifest.json"], names);
        Assert.Equal(new FileInfo(packages.Debian).Length, packages.ReportedPackageBytes);
        Assert.Equal(new FileInfo(packages.Unpacked($"{Place}/edgesparse-run")).Length, packages.ReportedExecutableBytes);
        Assert.InRange(packages.ReportedExecutableBytes, 1, 2_500_000);
    }

    [Fact]
    public void The_archive_holds_the_same_files()
    {
        packages.Call("tar", "-xzf", packages.Archive, "-C", packages.Folder);
        string[] names = ["edgesparse-run", "manifest.json", "manifest.sig", "sums.esb"];
        Assert.Equal(names, Directory.GetFiles(Path.Combine(packages.Folder, "sums")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.All(names, n => Assert.Equal(File.ReadAllBytes(packages.Unpacked($"{Place}/{n}")), File.ReadAllBytes(Path.Combine(packages.Folder, "sums", n))));
    }

    [Fact]
    public void The_executable_of_the_package_verifies_the_signature_and_answers()
    {
        WeightedSums.WriteSample(packages.PathOf("x.npy"));
        string model = packages.Unpacked(Place);
        Assert.Equal("verified: order 5, signed\n", packages.Emulate($"{Place}/edgesparse-run", model, "--verify", "--key", packages.PathOf("signing.pub")));
        Assert.Equal(
            WeightedSums.Answer, packages.Emulate($"{Place}/edgesparse-run", model, "--input", packages.PathOf("x.npy"), "--key", packages.PathOf("signing.pub")));
    }

    [Fact]
    public void Systemd_finds_the_program_that_the_unit_starts_and_nothing_wrong()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "there is no systemd-analyze here");
        string kill = packages.Unpacked("bin/kill");
        Directory.CreateDirectory(Path.GetDirectoryName(kill)!);
        File.Copy(packages.Unpacked($"{Place}/edgesparse-run"), kill, overwrite: true);
        ToolResult result = PackedProducts.Call("systemd-analyze", "verify", "--man=no", $"--root={packages.Unpacked("")}", "edgesparse-sums.service");

        // Of a whole system only the package is there.
        Assert.All(
            result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.EndsWith("Unit sysinit.target not found.", line, StringComparison.Ordinal));
    }
}
