using EdgeSparse.Targets;
using EdgeSparse.Targets.Benching;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Firmware.Tests.Deploying;

public class RemoteBenchTests(FirmwareFixture firmware, SshServer server)
{
    private readonly Device device = new(firmware, server);

    private RemoteBenchOptions Options => new() { Access = server.Access, Root = device.Root, Seconds = 0.02, Threads = [1], SystemRoot = firmware.NewFile("") };

    [Fact]
    public void A_folder_is_measured_on_the_device_and_leaves_nothing_there()
    {
        List<string> steps = [];
        string system = System("42000", "1800000", "20002");
        RemoteBenchResult result = new RemoteBench(Options with { Threads = [1, 2], SystemRoot = system })
            .Run(BenchSubject.Of(Folder()), server.Host, steps.Add, Cancellation);
        Assert.Equal([1, 2], result.Runs.Select(r => r.Threads));
        Assert.All(result.Runs, r => Assert.True(r.Inferences >= 20 && r.P5Microseconds > 0 && r.MedianMicroseconds >= r.P5Microseconds && r.P95Microseconds >= r.MedianMicroseconds));
        Assert.InRange(result.Memory.PeakResidentBytes!.Value, 1 << 20, 64 << 20);
        Assert.Equal([new DeviceTemperature("cpu-thermal", 42, 42)], result.Temperatures);
        Assert.Equal(new DeviceFrequency(1800, 1800, 1800, 2400), result.Frequency);
        Assert.Equal((true, "frequency capped", "frequency capped"), (result.Throttling.Known, string.Join(' ', result.Throttling.Flags), string.Join(' ', result.Throttling.SinceBoot)));
        Assert.Equal((null, null), (result.Energy, result.EnergyProblem));
        Assert.Contains("measuring with 2 threads", steps);
        Assert.Equal(["bench.lock"], Directory.GetFileSystemEntries(device.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void What_is_deployed_and_a_blob_beside_it_are_measured_with_the_executable_in_use()
    {
        new Deployer(device.Options).Deploy(Folder(), server.Host, Cancellation);
        RemoteBench bench = new(Options);
        RemoteBenchResult deployed = bench.Run(BenchSubject.InUse, server.Host, _ => { }, Cancellation);
        byte[] other = SmallNetworks.RowSums();
        RemoteBenchResult sent = bench.Run(BenchSubject.Of(firmware.Write(".esb", other)), server.Host, _ => { }, Cancellation);
        Assert.Equal((SmallNetworks.Scaled(1).Length, other.Length), (deployed.Memory.BlobBytes, sent.Memory.BlobBytes));
        Assert.Empty(sent.Temperatures);
        Assert.Null(sent.Frequency);
        Assert.False(sent.Throttling.Known);
        Assert.Equal(10, device.RequireWhole());
    }

    [Fact]
    public void Energy_comes_from_the_devices_meter()
    {
        string meter = "replay:" + firmware.Write(".csv", "seconds,watts\n0,2\n3600,2\n"u8);
        DeviceEnergy energy = new RemoteBench(Options with { Meter = meter, EnergySeconds = 0.02 })
            .Run(BenchSubject.Of(Folder()), server.Host, _ => { }, Cancellation).Energy!;
        Assert.Equal((meter, 2.0, 2.0), (energy.Meter, Math.Round(energy.IdleWatts!.Value, 6), Math.Round(energy.BusyWatts!.Value, 6)));
        Assert.True(energy.GrossJoulesPerInference > 0);
        Assert.NotNull(energy.JoulesPerInference);
    }

    [Fact]
    public void A_meter_that_stops_or_is_absent_gives_a_reason_and_no_number()
    {
        string meter = "replay:" + firmware.Write(".csv", "seconds,watts\n0,2\n0.05,2\n"u8);
        RemoteBenchResult stopped = new RemoteBench(Options with { Meter = meter, EnergySeconds = 1 }).Run(BenchSubject.Of(Folder()), server.Host, _ => { }, Cancellation);
        Assert.Null(stopped.Energy!.JoulesPerInference);
        Assert.EndsWith(" ends after 0.05 s", stopped.EnergyProblem, StringComparison.Ordinal);
        RemoteBenchResult absent = new RemoteBench(Options with { Meter = "ina219:bus=1023" }).Run(BenchSubject.Of(Folder()), server.Host, _ => { }, Cancellation);
        Assert.Null(absent.Energy);
        Assert.StartsWith("there is no I2C bus 1023 (/dev/i2c-1023); ", absent.EnergyProblem, StringComparison.Ordinal);
        Assert.Single(absent.Runs);
    }

    [Fact]
    public void A_device_with_a_key_runs_its_owners_models_alone()
    {
        SigningKey owner = SigningKey.Create();
        new Deployer(device.Options with { Trust = owner.Public }).Deploy(Folder(owner), server.Host, Cancellation);
        Refused("the model was refused: ", BenchSubject.Of(Folder()));
        Refused("only models signed by its owner are loaded", BenchSubject.Of(firmware.Write(".esb", SmallNetworks.Scaled(2))));
        Assert.Single(new RemoteBench(Options).Run(BenchSubject.Of(Folder(owner)), server.Host, _ => { }, Cancellation).Runs);
    }

    [Fact]
    public void A_blob_needs_an_executable_on_the_device() =>
        Refused("no EdgeSparse executable is deployed there; give a folder that edgesparse publish --model has made", BenchSubject.Of(firmware.Write(".esb", SmallNetworks.Scaled(1))));

    [Fact]
    public void A_folder_for_another_kind_of_machine_is_refused_before_anything_is_sent()
    {
        DeployableFolder folder = Folder();
        Refused("machine; the folder is built for aarch64", BenchSubject.Of(folder with { Manifest = folder.Manifest with { Rid = "linux-arm64" } }));
    }

    [Fact]
    public void A_second_measurement_at_the_same_time_is_refused()
    {
        Directory.CreateDirectory(device.Root);
        using BackgroundProcess other = new("flock", device.Root, "bench.lock", "sh", "-c", "echo held;exec sleep 60");
        other.WaitUntil(() => other.Output.StartsWith("held", StringComparison.Ordinal), "the lock is not held");
        Refused("another measurement is at work", BenchSubject.Of(Folder()));
    }

    [Fact]
    public void A_host_with_another_key_is_not_asked()
    {
        string known = firmware.NewFile(".known");
        File.WriteAllText(known, $"[127.0.0.1]:{server.Host.Port} {SshServer.PublicPart(server.NewKey($"bench{server.Port}"))}\n");
        Refused("has changed to SHA256:", BenchSubject.Of(Folder()), Options with { Access = server.Access with { KnownHostsPath = known } });
    }

    [Fact]
    public void Publishing_refuses_a_network_that_the_target_has_no_memory_for()
    {
        string blob = firmware.Write(".esb", SmallNetworks.Scaled(1));
        FirmwarePublisher.RequireMemory(firmware.Published.Target with { MemoryMegabytes = 8 }, blob);
        TargetsException error = Assert.Throws<TargetsException>(() => FirmwarePublisher.RequireMemory(firmware.Published.Target with { MemoryMegabytes = 0 }, blob));
        Assert.StartsWith($"'{firmware.Published.Target.Id}' has 0 MiB of memory; '{blob}' needs {SmallNetworks.Scaled(1).Length} bytes and ", error.Message, StringComparison.Ordinal);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DeployableFolder Folder(SigningKey? key = null) => ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 10, key);

    private void Refused(string expected, BenchSubject subject, RemoteBenchOptions? options = null)
    {
        TargetsException error = Assert.Throws<TargetsException>(() => new RemoteBench(options ?? Options).Run(subject, server.Host, _ => { }, Cancellation));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    /// <summary>A sysfs as a Raspberry Pi has it.</summary>
    private string System(string temperature, string frequency, string throttled)
    {
        string root = firmware.NewFile("");
        Write("class/thermal/thermal_zone0/type", "cpu-thermal");
        Write("class/thermal/thermal_zone0/temp", temperature);
        Write("devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", frequency);
        Write("devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "2400000");
        Write("devices/platform/soc/soc:firmware/get_throttled", throttled);
        return root;

        void Write(string name, string text)
        {
            string path = Path.Combine(root, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text + "\n");
        }
    }
}
