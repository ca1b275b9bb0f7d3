using System.Text.Json;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary>What is built for a Raspberry Pi 4 computes what this machine's executable does: in an emulated process, and booted as PID 1.</summary>
public class CrossPublishTests(FirmwareFixture firmware, CrossFirmwareFixture cross) : IClassFixture<CrossFirmwareFixture>
{
    /// <summary>Bytes, with the executable, the C library and the blob. docs/results/targets.md has what was measured.</summary>
    private const long LargestResidentMemory = 12_000_000;

    private static readonly string[] Processors = ["cortex-a72", "cortex-a76"];

    [Fact]
    public void Publishing_for_a_Raspberry_Pi_4_gives_no_warning_and_a_small_executable()
    {
        Assert.InRange(cross.Published.ExecutableBytes, 1, 2_500_000);
        Assert.DoesNotContain(cross.Log, line => line.Contains("warning", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void An_executable_for_a_Raspberry_Pi_4_gives_the_scores_of_this_machines()
    {
        (string blob, string input) = LeNet5AndAnImage();

        ProcessResult emulated = cross.Run("cortex-a72", blob, "--input", input, "--json");

        Assert.Equal((0, ""), (emulated.ExitCode, emulated.Error));
        AssertClose(firmware.Run(blob, "--input", input, "--json").Output, emulated.Output);
    }

    [Fact]
    public void Two_hundred_real_digits_get_the_classes_on_Arm64_that_they_get_here()
    {
        TrainedDigits digits = TrainedDigits.Get();
        string blob = firmware.Write(".esb", digits.Blob);
        string input = firmware.Write(".npy", digits.Images);
        ReportedScores here = ReportedScores.In(firmware.Run(blob, "--input", input, "--json").Output);
        Assert.Equal(200, here.Classes.Length);
        // A network that learnt nothing would have 20 right.
        Assert.InRange(here.Classes.Zip(digits.Labels).Count(pair => pair.First == pair.Second), 170, 200);

        foreach (string processor in Processors)
        {
            ProcessResult emulated = cross.Run(processor, blob, "--input", input, "--json");

            Assert.Equal((0, ""), (emulated.ExitCode, emulated.Error));
            Assert.Equal(here.Classes, ReportedScores.In(emulated.Output).Classes);
        }
    }

    /// <summary>There the memory is the firmware's own; of an emulated process the emulator's would be counted in.</summary>
    [Fact]
    public void A_machine_whose_only_program_is_the_firmware_boots_prints_its_scores_in_under_12_MB_and_powers_off()
    {
        (string blob, string input) = LeNet5AndAnImage();

        ProcessResult booted = cross.Boot(blob, input, "--json", "--bench", "20");

        Assert.True(booted.ExitCode == 0, booted.Output + booted.Error);
        AssertClose(firmware.Run(blob, "--input", input, "--json").Output, booted.Output);
        using JsonDocument json = JsonDocument.Parse(booted.Output);
        long resident = json.RootElement.GetProperty("peakResidentBytes").GetInt64();
        Assert.InRange(resident, 1_000_000, LargestResidentMemory);
        Assert.Contains($"resident memory at its peak: {resident} bytes", booted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void LeNet_5_stays_under_12_MB_here_too()
    {
        (string blob, string input) = LeNet5AndAnImage();
        using JsonDocument json = JsonDocument.Parse(firmware.Run(blob, "--input", input, "--json", "--bench", "20").Output);
        Assert.InRange(json.RootElement.GetProperty("peakResidentBytes").GetInt64(), 1_000_000, LargestResidentMemory);
    }

    [Fact]
    public void Firmware_that_fails_as_PID_1_says_so_and_powers_off()
    {
        (string blob, _) = LeNet5AndAnImage();

        ProcessResult booted = cross.Boot(blob, blob);

        Assert.Equal(1, booted.ExitCode);
        Assert.Contains("error: /input.esb: ", booted.Output, StringComparison.Ordinal);
        Assert.Contains("the firmware did not end with 0 as PID 1", booted.Error, StringComparison.Ordinal);
    }

    private (string Blob, string Input) LeNet5AndAnImage()
    {
        string input = firmware.NewFile(".npy");
        using (FileStream stream = File.Create(input))
        {
            NpyFile.Write(stream, [.. Enumerable.Range(0, 784).Select(i => i % 17 / 17f)], 1, 1, 28, 28);
        }

        return (firmware.Write(".esb", SmallNetworks.Pruned("lenet-5")), input);
    }

    /// <summary>The kernels add in another order there.</summary>
    private static void AssertClose(string here, string there)
    {
        float[] expected = ReportedScores.In(here).Scores[0];
        Assert.Equal(10, expected.Length);
        Assert.All(expected.Zip(ReportedScores.In(there).Scores[0]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}
