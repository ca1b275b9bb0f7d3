using System.Text.Json;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Firmware.Tests.Serving;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

/// <summary>The native executable on a GPU: it finds the driver, loads the PTX of its blob and runs it, here by the emulated driver.</summary>
[Collection(CudaFirmware.Name)]
public class EmulatedGpuTests(FirmwareFixture firmware, CudaFirmwareFixture cuda)
{
    private const string Lost = "the GPU failed at running the network: CUDA_ERROR_LAUNCH_FAILED (unspecified launch failure)";

    /// <summary>LeNet-5 with code for two architectures and a self-test of what the CPU computes.</summary>
    private static readonly Lazy<byte[]> Digits = new(() => WithCode(SelfTestSection.AddGenerated(SmallNetworks.Pruned("lenet-5"))));

    [Theory]
    [InlineData("capability=53", "Paper GPU (code for sm_53, CUDA graph)")]
    [InlineData("capability=72", "Paper GPU (code for sm_53, CUDA graph)")]
    [InlineData("capability=90 multiprocessors=132 graphs=no", "Paper GPU (code for sm_87)")]
    public void Scores_and_the_self_test_are_those_of_the_CPU_on_whatever_GPU(string gpu, string device)
    {
        string blob = firmware.Write(".esb", Digits.Value);
        string input = Pictures();
        using JsonDocument expected = JsonOf(cuda.Run(blob, "--input", input, "--json"));
        using JsonDocument actual = JsonOf(cuda.RunOn(gpu, blob, "--input", input, "--json", "--device", "cuda"));
        Assert.Equal(device, actual.RootElement.GetProperty("device").GetString());
        Assert.All(ScoresOf(expected).Zip(ScoresOf(actual)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        Assert.Equal(30, ScoresOf(actual).Count());
        ProcessResult test = cuda.RunOn(gpu, blob, "--self-test", "--device", "cuda");
        Assert.Equal((0, ""), (test.ExitCode, test.Error));
        Assert.StartsWith("self-test passed: 1 samples", test.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_kernels_and_layers_are_timed_by_the_clock_of_the_device()
    {
        // The emulated clock goes a millisecond a kernel: LeNet-5 has seven.
        using JsonDocument json = JsonOf(cuda.RunOn("capability=87", firmware.Write(".esb", Digits.Value), "--bench", "2", "--json", "--device", "cuda:0"));
        JsonElement bench = json.RootElement.GetProperty("bench");
        Assert.Equal(7000, bench.GetProperty("kernelMicroseconds").GetDouble());
        Assert.Equal(7000, bench.GetProperty("layers").EnumerateArray().Sum(l => l.GetProperty("microseconds").GetDouble()));
    }

    [Theory]
    [InlineData("devices=0", "this machine has no CUDA device")]
    [InlineData("capability=50", "the blob has GPU code for sm_53, sm_87 and newer, but Paper GPU is sm_50: compile the model with --gpu sm_50")]
    [InlineData(
        "capability=87 ptx=65",
        "the driver of Paper GPU (CUDA 12.4) does not take the blob's GPU code for sm_87 (PTX 7.4): install a newer driver, or compile the model for an older architecture as well, with --gpu")]
    [InlineData("memory=1000", "the model needs [0-9]+ bytes of device memory, but Paper GPU has 1000 free: use another device")]
    [InlineData("fail=cuMemAlloc_v2:2:1", "the model needs [0-9]+ bytes of device memory, which Paper GPU does not have free in one piece")]
    public void What_a_GPU_lacks_is_one_line_and_the_CPU_takes_over_on_request(string gpu, string reason)
    {
        string pattern = $"^{reason.Replace("(", "\\(", StringComparison.Ordinal).Replace(")", "\\)", StringComparison.Ordinal)}\n$";
        string blob = firmware.Write(".esb", Digits.Value);
        ProcessResult refused = cuda.RunOn(gpu, blob, "--self-test", "--device", "cuda");
        Assert.Equal((1, ""), (refused.ExitCode, refused.Output));
        Assert.Matches(pattern.Replace("^", "^error: ", StringComparison.Ordinal), refused.Error);
        ProcessResult either = cuda.RunOn(gpu, blob, "--self-test", "--device", "auto");
        Assert.Equal(0, either.ExitCode);
        Assert.Matches(pattern.Replace("^", "^note: the model runs on the CPU: ", StringComparison.Ordinal), either.Error);
        Assert.StartsWith("self-test passed: 1 samples", either.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_GPU_that_is_there_is_taken_on_request_without_a_word()
    {
        ProcessResult result = cuda.RunOn("capability=87", firmware.Write(".esb", Digits.Value), "--bench", "1", "--device", "auto");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("Paper GPU (code for sm_87, CUDA graph): 7000.00 µs of it in kernels", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_GPU_fails_in_mid_run_the_CPU_takes_over_with_the_sample_in_hand()
    {
        // Two waits come before the first run: for the weights, and for what is computed once.
        const string gpu = "capability=87 fail=cuStreamSynchronize:719:4";
        string blob = firmware.Write(".esb", Digits.Value);
        string input = Pictures();
        ProcessResult refused = cuda.RunOn(gpu, blob, "--input", input, "--device", "cuda");
        Assert.Equal((1, $"error: {Lost}\n"), (refused.ExitCode, refused.Error));
        ProcessResult either = cuda.RunOn(gpu, blob, "--input", input, "--device", "auto", "--json");
        Assert.Equal((0, $"note: the model runs on the CPU: {Lost}\n"), (either.ExitCode, either.Error));
        using JsonDocument expected = JsonOf(cuda.Run(blob, "--input", input, "--json"));
        using var actual = JsonDocument.Parse(either.Output);
        Assert.Equal("cpu", actual.RootElement.GetProperty("device").GetString());
        Assert.All(ScoresOf(expected).Zip(ScoresOf(actual)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Fact]
    public void A_server_goes_on_on_the_CPU_when_its_GPU_fails()
    {
        string socket = firmware.NewFile(".sock");
        using BackgroundProcess server = new(
            cuda.Published.Executable, null, CudaFirmwareFixture.EnvironmentOf("capability=87 fail=cuStreamSynchronize:719:3"),
            firmware.Write(".esb", WithCode(SmallNetworks.Scaled(2))), "--serve", $"unix:{socket}", "--device", "auto");
        server.WaitUntil(() => server.Error.StartsWith("serving ", StringComparison.Ordinal), "the server does not start");
        using ServeClient client = new(socket);
        Assert.Equal([20, 1], client.Infer(1, 2, 3, 4));
        Assert.Equal([-8, 1], client.Infer(-1, -1, -1, -1));
        Assert.Equal([20, 1], client.Infer(4, 3, 2, 1));
        server.WaitUntil(() => server.Error.Contains(Lost, StringComparison.Ordinal), "the failure is not told");
    }

    private static byte[] WithCode(byte[] blob) => DeviceCodeSection.Add(blob, "sm_53,sm_87", IProgressSink.Silent).Blob;

    private static IEnumerable<float> ScoresOf(JsonDocument json) =>
        json.RootElement.GetProperty("samples").EnumerateArray().SelectMany(s => s.GetProperty("scores").EnumerateArray()).Select(s => s.GetSingle());

    private static JsonDocument JsonOf(ProcessResult result)
    {
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output);
    }

    private string Pictures()
    {
        Random random = new(3);
        using MemoryStream stream = new();
        NpyFile.Write(stream, [.. Enumerable.Range(0, 3 * 784).Select(_ => random.NextSingle())], [3, 1, 28, 28]);
        return firmware.Write(".npy", stream.ToArray());
    }
}
