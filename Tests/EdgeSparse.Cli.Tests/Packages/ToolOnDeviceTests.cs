using System.Text.Json.Nodes;
using EdgeSparse.Firmware.Tests.Deploying;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Tests.Packages;

/// <summary>The installed tool brings what it published onto a device, measures it there and goes back. The device is this machine, over SSH.</summary>
[Trait("Speed", "slow")]
public sealed class ToolOnDeviceTests(PackedProducts products, SshServer server) : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string[] Device =>
    [
        "--host", server.Host.ToString(), "--identity", server.Access.Identity!, "--known-hosts", server.KnownHosts, "--root", folder["device"],
    ];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_installed_tool_deploys_leaves_alone_replaces_and_goes_back()
    {
        _ = server.Host;
        ToolProject project = products.Project;
        JsonNode first = Edgesparse("deploy", "out", "--json").Json["done"]![0]!;
        Assert.Equal(("a", true), ((string)first["slot"]!, (bool)first["changed"]!));
        JsonNode again = Edgesparse("deploy", "out", "--target", "linux-x64", "--json").Json["done"]![0]!;
        Assert.Equal(("a", false), ((string)again["slot"]!, (bool)again["changed"]!));
        Assert.InRange((long)again["transferredBytes"]!, 1, 1023);

        DeployableFolder update = Update(project);
        Assert.Contains("deployed to slot b", Edgesparse("deploy", update.Folder).Output, StringComparison.Ordinal);
        JsonNode status = Edgesparse("status", "--json").Json[0]!;
        Assert.Equal(("b", "sums.esb", update.Manifest.Order, true), ((string)status["slot"]!, (string)status["blob"]!, (long)status["order"]!, (bool)status["healthy"]!));

        Assert.Contains("slot a is in use again", Edgesparse("rollback").Output, StringComparison.Ordinal);
        Assert.Equal("slots/a", new DirectoryInfo(folder["device/current"]).LinkTarget);
        WeightedSums.WriteSample(folder["x.npy"]);
        Assert.Equal(WeightedSums.Answer, project.Run(folder["device/current/edgesparse-run"], folder["device/current"], "--input", folder["x.npy"]).Output);
    }

    [Fact]
    public void The_installed_tool_measures_latency_memory_sensors_and_energy_on_the_device()
    {
        string meter = "replay:" + folder.Write("constant.csv", "seconds,watts\n0,2\n3600,2\n");
        string[] energy = ["--seconds", "0.05", "--threads", "1", "--meter", meter, "--energy-seconds", "0.05"];
        JsonNode result = Edgesparse(["bench", "out", .. energy, "--json"]).Json[0]!;
        Assert.Equal(server.Host.ToString(), (string)result["host"]!);
        JsonNode run = result["runs"]!.AsArray().Single()!;
        Assert.True((int)run["inferences"]! > 0 && (double)run["medianMicroseconds"]! > 0);
        Assert.Equal(new FileInfo(products.Project["sums.esb"]).Length, (long)result["memory"]!["blobBytes"]!);
        Assert.InRange((long)result["memory"]!["peakResidentBytes"]!, 1_000_000, 12_000_000);
        Assert.Equal(2, (double)result["energy"]!["busyWatts"]!, 1e-6);
        Assert.True((double)result["energy"]!["grossJoulesPerInference"]! > 0);
        Assert.Null(result["energyProblem"]);

        // What the machine has no sensor for is not there, and said so: never a zero.
        JsonArray temperatures = result["temperatures"]!.AsArray();
        Assert.All(temperatures, t => Assert.NotEqual(0, (double)t!["highestCelsius"]!));
        string text = Edgesparse("bench", "out", "--seconds", "0.02", "--threads", "1", "--energy-seconds", "0.05").Output;
        Assert.Contains(temperatures.Count == 0 ? "the device has no sensors" : "°C", text, StringComparison.Ordinal);
        Assert.Matches(result["frequency"] is null ? "frequency +the device does not say" : "frequency +[0-9]", text);
        Assert.Matches((bool)result["throttling"]!["known"]! ? "throttling +(none|[a-z]+ )" : "throttling +the device does not say", text);

        // The target names the meter of PCs, which virtual machines have not.
        Assert.Matches("energy +(not measured: |[-0-9.]+ µJ an inference)", text);

        ToolResult absent = products.Project.Edgesparse(["bench", "out", .. Device, "--seconds", "0.02", "--threads", "1", "--meter", "ina219:bus=1023"]);
        Assert.Equal(1, absent.ExitCode);
        Assert.Contains("energy was not measured: there is no I2C bus 1023", absent.Error, StringComparison.Ordinal);
        Assert.Equal(["bench.lock"], Directory.GetFileSystemEntries(folder["device"]).Select(Path.GetFileName));
    }

    private ToolResult Edgesparse(params string[] arguments) => products.Project.Edgesparse([.. arguments, .. Device]).Succeeds();

    /// <summary>The same model once more, as a later one.</summary>
    private DeployableFolder Update(ToolProject project)
    {
        DeployableFolder published = DeployableFolder.Read(project["out"]);
        string place = Directory.CreateDirectory(folder["update"]).FullName;
        foreach (ManifestFile file in published.Manifest.Files)
        {
            File.Copy(Path.Combine(published.Folder, file.Name), Path.Combine(place, file.Name));
        }

        return DeployableFolder.Write(
            Targets.Profiles.ToolchainFile.Read().Find("linux-x64"), Path.Combine(place, "edgesparse-run"), Path.Combine(place, "sums.esb"),
            published.Manifest.Order + 1, null);
    }
}
