using System.Text.Json;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Firmware.Tests;

/// <summary>Builds for a Raspberry Pi 4 where the cross tools are installed, and runs that in an emulator where there is one.</summary>
public class CrossPublishTests(FirmwareFixture firmware)
{
    internal const string Emulator = "/usr/bin/qemu-aarch64-static";
    private const string CrossLibraries = "/usr/aarch64-linux-gnu";

    [Fact]
    public void An_executable_for_a_Raspberry_Pi_4_gives_the_scores_of_this_machines()
    {
        Toolchain toolchain = ToolchainFile.Read();
        TargetProfile target = toolchain.Find("rpi4");
        Assert.SkipWhen(target.Rid == HostProcessor.Current.Rid, "this machine is of the target's kind");
        FirmwarePublisher publisher = new(toolchain, SourceTree.Find());
        try
        {
            publisher.RequireTools(target);
        }
        catch (TargetsException error)
        {
            Assert.Skip(error.Message);
        }

        List<string> log = [];
        PublishedFirmware published = publisher.Publish(
            target, Path.Combine(firmware.Folder, target.Id), onLine: log.Add, cancellation: TestContext.Current.CancellationToken);
        Assert.DoesNotContain(log, line => line.Contains("warning", StringComparison.OrdinalIgnoreCase));
        Assert.InRange(published.ExecutableBytes, 1, PublishTests.LargestExecutable);

        Assert.SkipUnless(File.Exists(Emulator), $"published; to run it here too: sudo apt-get install -y qemu-user-static");
        string blob = firmware.Write(".esb", SmallNetworks.Pruned("lenet-5"));
        string input = firmware.NewFile(".npy");
        using (FileStream stream = File.Create(input))
        {
            NpyFile.Write(stream, [.. Enumerable.Range(0, 784).Select(i => i % 17 / 17f)], 1, 1, 28, 28);
        }

        ProcessResult emulated = ProcessRunner.Run(
            new ProcessRequest(Emulator, ["-L", CrossLibraries, "-cpu", "cortex-a72", published.Executable, blob, "--input", input, "--json"]),
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (emulated.ExitCode, emulated.Error));
        // The kernels add in another order there.
        Assert.All(
            ScoresIn(firmware.Run(blob, "--input", input, "--json").Output).Zip(ScoresIn(emulated.Output)),
            pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    private static float[] ScoresIn(string output)
    {
        using JsonDocument json = JsonDocument.Parse(output);
        float[] scores = [.. json.RootElement.GetProperty("samples")[0].GetProperty("scores").EnumerateArray().Select(s => s.GetSingle())];
        Assert.Equal(10, scores.Length);
        return scores;
    }
}
