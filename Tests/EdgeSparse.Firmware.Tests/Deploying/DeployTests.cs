using EdgeSparse.Firmware.Tests.Serving;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Firmware.Tests.Deploying;

public class DeployTests(FirmwareFixture firmware, SshServer server)
{
    private readonly Device device = new(firmware, server);

    [Fact]
    public void A_model_is_deployed_left_as_it_is_replaced_and_gone_back_to()
    {
        Deployer deployer = new(device.Options);
        DeployableFolder first = Folder(1, 10);
        DeployResult result = deployer.Deploy(first, server.Host, Cancellation);
        Assert.Equal(("a", true), (result.Slot, result.Changed));
        Assert.StartsWith("self-test passed", result.Detail, StringComparison.Ordinal);
        Assert.Equal(("a", 10L), (device.Slot, device.RequireWhole()));

        DeployResult again = deployer.Deploy(first, server.Host, Cancellation);
        Assert.Equal(("a", false), (again.Slot, again.Changed));
        Assert.InRange(again.TransferredBytes, 1, 1023);

        // The executable is on the device already.
        DeployResult second = deployer.Deploy(Folder(2, 11), server.Host, Cancellation);
        Assert.Equal(("b", true), (second.Slot, second.Changed));
        Assert.InRange(second.TransferredBytes, 1, 16_000);
        Assert.Equal(("b", 11L), (device.Slot, device.RequireWhole()));

        DeviceStatus status = deployer.Status(server.Host, Cancellation);
        Assert.Equal(("b", "model.esb", 11L, "model.esb, order 10", false, true), (status.Slot, status.Blob, status.Order, status.Previous, status.KeyConfigured, status.Healthy));

        Assert.Equal("a", deployer.Rollback(server.Host, Cancellation).Slot);
        Assert.Equal(("a", 10L), (device.Slot, device.RequireWhole()));
        Assert.Equal(["current", "lock", "log", "slots"], Directory.GetFileSystemEntries(device.Root).Select(Path.GetFileName).Order());
        Assert.Equal(["edgesparse-run", "manifest.json", "model.esb"], Directory.GetFiles(device.Current).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void An_older_model_replaces_a_newer_one_only_when_told_to()
    {
        new Deployer(device.Options).Deploy(Folder(1, 10), server.Host, Cancellation);
        Refused("the model was refused, the one in use stays: the model is older than the one in place (order 9, in place 10)", device.Options, Folder(2, 9));
        Assert.Equal(10, device.RequireWhole());
        new Deployer(device.Options with { AllowDowngrade = true }).Deploy(Folder(2, 9), server.Host, Cancellation);
        Assert.Equal(9, device.RequireWhole());
    }

    [Fact]
    public void Once_a_device_has_a_key_only_its_owners_models_are_taken()
    {
        SigningKey owner = SigningKey.Create();
        DeployOptions options = device.Options with { Trust = owner.Public };
        string[] key = ["--key", ModelFolder.WritePublic(firmware, owner)];
        new Deployer(options).Deploy(Folder(1, 10, owner), server.Host, Cancellation);
        Assert.Equal(owner.Public.Pem, File.ReadAllText(Path.Combine(device.Root, "trusted.pub")));
        Assert.Equal(10, device.RequireWhole(key));

        Refused("is not signed; with 'trusted.pub' configured, only models signed by its owner are loaded", options, Folder(2, 11));
        Refused("the owner of 'trusted.pub' did not sign it as it is", device.Options, Folder(2, 11, SigningKey.Create()));
        Refused("trusts another key than this one", device.Options with { Trust = SigningKey.Create().Public }, Folder(2, 11, owner));
        Assert.Equal(10, device.RequireWhole(key));
        Assert.True(new Deployer(options).Status(server.Host, Cancellation).KeyConfigured);
    }

    [Fact]
    public void A_model_that_fails_its_self_test_is_not_switched_to()
    {
        new Deployer(device.Options).Deploy(Folder(1, 10), server.Host, Cancellation);
        Refused("self-test failed: ", device.Options, ModelFolder.Create(firmware, SmallNetworks.Lying(), 11));
        Assert.Equal(("a", 10L), (device.Slot, device.RequireWhole()));
    }

    [Fact]
    public void A_server_on_the_device_takes_over_the_model()
    {
        Deployer deployer = new(device.Options);
        deployer.Deploy(Folder(1, 10), server.Host, Cancellation);
        using BackgroundProcess served = Serve("current");
        using ServeClient client = new(Path.Combine(device.Root, "socket"));
        Assert.Equal([10, 1], client.Infer(1, 2, 3, 4));
        DeployResult result = deployer.Deploy(Folder(2, 11), server.Host, Cancellation);
        Assert.Contains("\"order\":11", deployer.Status(server.Host, Cancellation).Detail, StringComparison.Ordinal);
        Assert.True(result.Changed);
        Assert.Equal([20, 1], client.Infer(1, 2, 3, 4));
    }

    [Fact]
    public void A_new_executable_goes_on_in_the_servers_process_on_its_socket()
    {
        Deployer deployer = new(device.Options);
        deployer.Deploy(Folder(1, 10), server.Host, Cancellation);
        using BackgroundProcess served = Serve("current");
        DeployableFolder update = Folder(2, 11);
        File.AppendAllText(Path.Combine(update.Folder, FirmwarePublisher.ExecutableName), "changed");
        update = DeployableFolder.Write(
            firmware.Published.Target, Path.Combine(update.Folder, FirmwarePublisher.ExecutableName), Path.Combine(update.Folder, "model.esb"), 11, null);
        deployer.Deploy(update, server.Host, Cancellation);
        string running = $"/proc/{served.Id}/exe";
        served.WaitUntil(() => File.ResolveLinkTarget(running, false)!.FullName == Path.Combine(device.Root, "slots", "b", "edgesparse-run"), "the old executable still runs");
        using ServeClient client = new(Path.Combine(device.Root, "socket"));
        Assert.Equal([20, 1], client.Infer(1, 2, 3, 4));
        served.Signal(BackgroundProcess.Terminate);
        Assert.Equal(0, served.Wait());
        Assert.False(File.Exists(Path.Combine(device.Root, "socket")));
    }

    [Fact]
    public void A_device_whose_server_does_not_take_over_goes_back_by_itself()
    {
        new Deployer(device.Options).Deploy(Folder(1, 10), server.Host, Cancellation);
        using BackgroundProcess served = Serve("slots/a");
        Refused("the model did not come up, so the device went back to the one before: the server did not take over the model", device.Options with { HealthSeconds = 1 }, Folder(2, 11));
        Assert.Equal(("a", 10L), (device.Slot, device.RequireWhole()));
    }

    [Fact]
    public void A_folder_for_another_kind_of_machine_is_refused_before_anything_is_sent()
    {
        DeployableFolder folder = Folder(1, 10);
        Refused("machine; 'rpi4' is built for aarch64", device.Options, folder with { Manifest = folder.Manifest with { Target = "rpi4", Rid = "linux-arm64" } });
        Assert.False(Directory.Exists(device.Root));
    }

    [Fact]
    public void A_wrong_clock_is_named()
    {
        DeployOptions options = device.Options with { Clock = new ShiftedClock(TimeSpan.FromDays(2)) };
        Refused("its clock says 2", options, Folder(1, 10));
        new Deployer(options with { AllowWrongClock = true }).Deploy(Folder(1, 10), server.Host, Cancellation);
    }

    [Fact]
    public void A_disk_without_room_is_named_and_the_model_in_use_stays()
    {
        HostAddress host = server.Host;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can mount a small disk");
        Directory.CreateDirectory(device.Root);
        long kilobytes = (firmware.Published.ExecutableBytes / 1024) + 600;
        Assert.SkipUnless(Mount("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", device.Root) == 0, "mounting is not possible here");
        try
        {
            Refused($"the disk of '{device.Root}' has ", device.Options, Folder(1, 10), host);
        }
        finally
        {
            Mount("umount", device.Root);
        }
    }

    [Fact]
    public void A_host_that_does_not_answer_is_named()
    {
        _ = server.Host;
        Refused("127.0.0.1:", device.Options, Folder(1, 10), SshServer.HostAt(SshServer.FreePort()));
    }

    [Fact]
    public void A_host_is_trusted_by_its_key_alone()
    {
        HostAddress host = server.Host;
        string known = firmware.NewFile(".known");
        SshAccess access = device.Options.Access with { KnownHostsPath = known };
        Refused("is not known (SHA256:", device.Options with { Access = access }, Folder(1, 10));
        Assert.False(File.Exists(known));

        Assert.Equal("nothing is deployed", new Deployer(device.Options with { Access = access with { AcceptNewHosts = true } }).Status(host, Cancellation).Detail);
        Assert.Equal($"[127.0.0.1]:{server.Port} {SshServer.PublicPart(server.HostKey)}\n", File.ReadAllText(known));
        new Deployer(device.Options with { Access = access }).Status(host, Cancellation);

        File.WriteAllText(known, $"[127.0.0.1]:{server.Port} {SshServer.PublicPart(server.NewKey($"other{server.Port}"))}\n");
        Refused("has changed to SHA256:", device.Options with { Access = access with { AcceptNewHosts = true } }, Folder(1, 10));
        Assert.False(Directory.Exists(device.Root));
    }

    [Fact]
    public void A_user_who_is_not_let_in_is_told_so()
    {
        _ = server.Host;
        string stranger = server.NewKey($"stranger{server.Port}");
        Refused("does not let ", device.Options with { Access = device.Options.Access with { Identity = stranger } }, Folder(1, 10));
    }

    [Fact]
    public void Without_a_model_before_there_is_nothing_to_go_back_to()
    {
        new Deployer(device.Options).Deploy(Folder(1, 10), server.Host, Cancellation);
        TargetsException error = Assert.Throws<TargetsException>(() => new Deployer(device.Options).Rollback(server.Host, Cancellation));
        Assert.EndsWith($"there is no other model in '{device.Root}' to go back to", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_other_hosts_are_left_alone_when_a_canary_fails()
    {
        HostAddress dead = SshServer.HostAt(SshServer.FreePort());
        Fleet fleet = new(new Deployer(device.Options));
        DeployableFolder folder = Folder(1, 10);
        List<string> lines = [];
        FleetResult stopped = fleet.Deploy(folder, [dead, server.Host], 10, lines.Add, Cancellation);
        Assert.Equal((0, 1), (stopped.Done.Length, stopped.Failed.Length));
        Assert.Equal([server.Host.ToString()], stopped.Untouched);
        Assert.False(Directory.Exists(device.Root));

        FleetResult partly = fleet.Deploy(folder, [server.Host, dead], 50, lines.Add, Cancellation);
        Assert.Equal((1, 1, 0), (partly.Done.Length, partly.Failed.Length, partly.Untouched.Length));
        Assert.Equal(3, lines.Count);
        Assert.Equal(10, device.RequireWhole());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private DeployableFolder Folder(float factor, long order, SigningKey? key = null) => ModelFolder.Create(firmware, SmallNetworks.Scaled(factor), order, key);

    private BackgroundProcess Serve(string model)
    {
        BackgroundProcess served = new(Path.Combine(device.Current, "edgesparse-run"), device.Root, model, "--serve", "unix:socket");
        served.WaitUntil(() => served.Error.StartsWith("serving ", StringComparison.Ordinal), "the server does not start");
        return served;
    }

    private void Refused(string expected, DeployOptions options, DeployableFolder folder, HostAddress? host = null)
    {
        TargetsException error = Assert.Throws<TargetsException>(() => new Deployer(options).Deploy(folder, host ?? server.Host, Cancellation));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static int Mount(string program, params string[] arguments) =>
        Targets.Processes.ProcessRunner.Run(new Targets.Processes.ProcessRequest(program, [.. arguments]), cancellation: Cancellation).ExitCode;

    private sealed class ShiftedClock(TimeSpan shift) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + shift;
    }
}
