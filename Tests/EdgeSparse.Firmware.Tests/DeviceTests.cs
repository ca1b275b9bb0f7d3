using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary><c>--device</c>: what runs where, and what is said of a machine without a GPU.</summary>
[Collection(CudaFirmware.Name)]
public class DeviceTests(FirmwareFixture firmware, CudaFirmwareFixture cuda)
{
    private const string NoCuda =
        "this executable was published without CUDA: publish it for a target whose publishProperties have EdgeSparseCuda, such as jetson-orin";

    private const string NoDriver = "this machine has no CUDA driver: libcuda.so.1 cannot be loaded";

    [Fact]
    public void The_code_for_GPUs_is_small_comes_without_a_warning_and_only_where_it_is_asked_for()
    {
        Assert.DoesNotContain(cuda.Log, l => l.Contains("warning", StringComparison.Ordinal));
        Assert.InRange(cuda.Published.ExecutableBytes - firmware.Published.ExecutableBytes, 10_000, 150_000);
    }

    [Fact]
    public void An_executable_without_it_says_so_and_the_CPU_takes_over_on_request()
    {
        string blob = firmware.Write(".esb", SmallNetworks.Scaled(1));
        ProcessResult refused = firmware.Run(blob, "--bench", "1", "--device", "cuda");
        Assert.Equal((1, "", $"error: {NoCuda}\n"), (refused.ExitCode, refused.Output, refused.Error));
        ProcessResult either = firmware.Run(blob, "--self-test", "--device", "auto");
        Assert.Equal((0, $"note: the model runs on the CPU: {NoCuda}\n"), (either.ExitCode, either.Error));
        Assert.StartsWith("self-test passed: 1 samples", either.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_blob_without_code_is_told_how_to_get_it()
    {
        ProcessResult result = cuda.Run(firmware.Write(".esb", SmallNetworks.Scaled(1)), "--bench", "1", "--device", "cuda:1");
        Assert.Equal(
            (1, "", "error: the blob has no GPU code: compile the model with --gpu, for example --gpu sm_87\n"),
            (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Without_a_driver_that_is_said_and_the_CPU_takes_over_on_request()
    {
        bool hasDriver = NativeLibrary.TryLoad("libcuda.so.1", out nint library);
        if (hasDriver)
        {
            NativeLibrary.Free(library);
        }

        Assert.SkipWhen(hasDriver, "this machine has a CUDA driver");
        string blob = WithCode();
        ProcessResult refused = cuda.Run(blob, "--bench", "1", "--device", "cuda");
        Assert.Equal((1, "", $"error: {NoDriver}\n"), (refused.ExitCode, refused.Output, refused.Error));
        ProcessResult either = cuda.Run(blob, "--bench", "2", "--device", "auto", "--json");
        Assert.Equal((0, $"note: the model runs on the CPU: {NoDriver}\n"), (either.ExitCode, either.Error));
        Assert.Equal("cpu", (string)JsonNode.Parse(either.Output)!["device"]!);
    }

    [Fact]
    public void Code_of_another_version_leaves_the_model_to_the_CPU()
    {
        byte[] blob = File.ReadAllBytes(WithCode());

        // The section is the last one: its header's field StepVersion.
        int entry = 64 + (32 * (BitConverter.ToInt32(blob, 48) - 1));
        blob[(int)BitConverter.ToInt64(blob, entry + 8) + 24]++;
        UInt128 digest = XxHash128.HashToUInt128(blob.AsSpan(32));
        BitConverter.GetBytes((ulong)digest).CopyTo(blob, 16);
        BitConverter.GetBytes((ulong)(digest >> 64)).CopyTo(blob, 24);
        string path = firmware.Write(".esb", blob);
        const string expected = "the blob's GPU code is of another version of EdgeSparse: compile the model anew, with --gpu";
        ProcessResult refused = cuda.Run(path, "--bench", "1", "--device", "cuda");
        Assert.Equal((1, $"error: {expected}\n"), (refused.ExitCode, refused.Error));
        ProcessResult either = cuda.Run(path, "--self-test", "--device", "auto");
        Assert.Equal((0, $"note: the model runs on the CPU: {expected}\n"), (either.ExitCode, either.Error));
    }

    [Fact]
    public void The_device_is_told_where_one_was_asked_for()
    {
        string blob = firmware.Write(".esb", SmallNetworks.Scaled(1));
        Assert.Equal("cpu", (string)JsonNode.Parse(firmware.Run(blob, "--bench", "1", "--device", "cpu", "--json").Output)!["device"]!);
        Assert.Null(JsonNode.Parse(firmware.Run(blob, "--bench", "1", "--json").Output)!["device"]);
    }

    private string WithCode() =>
        firmware.Write(".esb", DeviceCodeSection.Add(SmallNetworks.Scaled(1), "sm_53,sm_87", IProgressSink.Silent, TestContext.Current.CancellationToken).Blob);
}
