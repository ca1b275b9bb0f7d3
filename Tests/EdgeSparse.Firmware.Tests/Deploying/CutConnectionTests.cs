using EdgeSparse.Targets;
using EdgeSparse.Targets.Deploying;
using EdgeSparse.Targets.Publishing;
using EdgeSparse.Targets.Signing;

namespace EdgeSparse.Firmware.Tests.Deploying;

/// <summary>The connection is cut after every so many bytes of a deployment: the device always has a whole, verified model.</summary>
public class CutConnectionTests(FirmwareFixture firmware, SshServer server)
{
    private const int Updates = 80;
    private const int FirstDeployments = 20;
    private const int AtOnce = 4;

    private readonly SigningKey key = SigningKey.Create();

    [Fact]
    public void An_update_that_is_cut_anywhere_leaves_a_whole_verified_model()
    {
        DeployableFolder old = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 1, key);
        DeployableFolder update = ModelFolder.Create(firmware, SmallNetworks.Scaled(2), 2, key);
        string[] trust = ["--key", ModelFolder.WritePublic(firmware, key)];
        long whole = BytesOf(update, Prepared(old));
        int cut = 0;
        Parallel.For(0, Updates, Parallelism, i =>
        {
            Device device = Prepared(old);
            Interlocked.Add(ref cut, DeployCut(update, device, whole * i / Updates) ? 1 : 0);

            // At any moment, also while scripts of the lost connection still run.
            Assert.InRange(device.RequireWhole(trust), 1, 2);
            device.WaitForScripts();
            Assert.InRange(device.RequireWhole(trust), 1, 2);

            // And the next deployment goes through.
            if (i % 8 == 0)
            {
                new Deployer(OptionsFor(device)).Deploy(update, server.Host, Cancellation);
                Assert.Equal(2, device.RequireWhole(trust));
            }
        });
        Assert.InRange(cut, Updates * 9 / 10, Updates);
    }

    [Fact]
    public void A_first_deployment_that_is_cut_anywhere_leaves_nothing_or_a_whole_model()
    {
        DeployableFolder first = ModelFolder.Create(firmware, SmallNetworks.Scaled(1), 1, key);
        string[] trust = ["--key", ModelFolder.WritePublic(firmware, key)];
        long whole = BytesOf(first, new Device(firmware, server));
        int cut = 0;
        Parallel.For(0, FirstDeployments, Parallelism, i =>
        {
            Device device = new(firmware, server);
            Interlocked.Add(ref cut, DeployCut(first, device, whole * i / FirstDeployments) ? 1 : 0);
            device.WaitForScripts();
            if (device.Slot.Length > 0)
            {
                Assert.Equal(1, device.RequireWhole(trust));
            }

            if (i % 4 == 0)
            {
                new Deployer(OptionsFor(device)).Deploy(first, server.Host, Cancellation);
                Assert.Equal(1, device.RequireWhole(trust));
            }

            Directory.Delete(device.Root, recursive: true);
        });
        Assert.InRange(cut, FirstDeployments * 9 / 10, FirstDeployments);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static ParallelOptions Parallelism => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = Cancellation };

    private DeployOptions OptionsFor(Device device) => device.Options with { Trust = key.Public };

    /// <summary>A device that runs a model.</summary>
    private Device Prepared(DeployableFolder folder)
    {
        Device device = new(firmware, server);
        _ = server.Host;
        string slot = Path.Combine(device.Root, "slots", "a");
        Directory.CreateDirectory(slot);
        foreach (string file in Directory.GetFiles(folder.Folder))
        {
            File.Copy(file, Path.Combine(slot, Path.GetFileName(file)));
        }

        File.WriteAllText(Path.Combine(device.Root, "trusted.pub"), key.Public.Pem);
        Directory.CreateSymbolicLink(device.Current, "slots/a");
        return device;
    }

    /// <summary>What a deployment that is not cut sends and receives.</summary>
    private long BytesOf(DeployableFolder folder, Device device)
    {
        using CuttingProxy proxy = new(server.Port, long.MaxValue);
        new Deployer(OptionsFor(device)).Deploy(folder, SshServer.HostAt(proxy.Port), Cancellation);
        return proxy.Passed;
    }

    private bool DeployCut(DeployableFolder folder, Device device, long bytes)
    {
        using CuttingProxy proxy = new(server.Port, bytes);
        try
        {
            new Deployer(OptionsFor(device)).Deploy(folder, SshServer.HostAt(proxy.Port), Cancellation);
            return false;
        }
        catch (TargetsException error)
        {
            Assert.DoesNotContain('\n', error.Message);
            return true;
        }
    }
}
