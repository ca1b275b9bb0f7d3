using System.IO.Compression;
using System.Text.Json;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

public class RunTests(FirmwareFixture firmware)
{
    [Fact]
    public void Numbers_are_taken_as_they_are_and_the_best_class_comes_first()
    {
        ProcessResult result = firmware.Run(firmware.Write(".esb", SmallNetworks.RowSums()), "--input", Npy([1, 2, 3, 4.5f, 9, 0, 0, 0.25f], 2, 1, 2, 2));
        Assert.Equal((0, "0: class 1  1:7.5 0:3\n1: class 0  0:9 1:0.25\n", ""), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Pixels_are_scaled_as_the_blob_says()
    {
        // idx of unsigned bytes, 1 × 2 × 2: (255/255 − 0.5) / 0.25 = 2, (0/255 − 0.5) / 0.25 = −2, so rows sum to 4 and −4.
        byte[] idx = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 255, 255, 0, 0];
        string blob = firmware.Write(".esb", SmallNetworks.RowSums());
        Assert.Equal("0: class 0  0:4 1:-4\n", firmware.Run(blob, "--input", firmware.Write(".idx", idx)).Output);
        Assert.Equal("0: class 0  0:4 1:-4\n", firmware.Run(blob, "--input", firmware.Write(".idx.gz", Gzip(idx))).Output);
    }

    [Fact]
    public void A_picture_is_read()
    {
        // A 2 × 2 grey PNG whose first row is black and whose second is white.
        byte[] png = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNgYGD4/x8AAwMB/zKHA2oAAAAASUVORK5CYII=");
        ProcessResult result = firmware.Run(firmware.Write(".esb", SmallNetworks.RowSums()), "--input", firmware.Write(".png", png));
        Assert.Equal((0, "0: class 1  1:4 0:-4\n"), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("lenet-300-100")]
    [InlineData("lenet-5")]
    public void The_executable_gives_the_scores_that_the_just_in_time_compiled_runtime_gives(string network)
    {
        RequireScoresOf(SmallNetworks.Pruned(network));
    }

    /// <summary>An executable for a machine with wide vectors has smaller kernels for blobs with few lanes.</summary>
    [Theory]
    [InlineData(4, "csr")]
    [InlineData(4, "bsr-4x1")]
    [InlineData(4, "bsr-8x1")]
    [InlineData(4, "dense")]
    [InlineData(8, "csr")]
    [InlineData(8, "bsr-4x1")]
    [InlineData(8, "bsr-8x1")]
    [InlineData(8, "dense")]
    public void Blobs_for_other_machines_give_the_same_scores(int lanes, string format) =>
        RequireScoresOf(SmallNetworks.Pruned("lenet-5", lanes, format));

    private void RequireScoresOf(byte[] blob)
    {
        using Model model = Model.FromBytes(blob);
        using Session session = model.CreateSession();
        Random random = new(3);
        float[] input = new float[5 * model.Inputs[0].ElementCount];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = random.NextSingle();
        }

        using JsonDocument json = RunJson(firmware.Write(".esb", blob), "--input", Npy(input, 5, 1, 28, 28), "--json");
        Assert.Equal(blob.Length, json.RootElement.GetProperty("blobBytes").GetInt64());
        JsonElement[] samples = [.. json.RootElement.GetProperty("samples").EnumerateArray()];
        Assert.Equal(5, samples.Length);
        float[] expected = new float[10];
        for (int i = 0; i < samples.Length; i++)
        {
            session.Run(input.AsSpan(i * 784, 784), expected);
            Assert.Equal(i, samples[i].GetProperty("index").GetInt32());
            Assert.Equal(expected.IndexOf(expected.Max()), samples[i].GetProperty("class").GetInt32());
            float[] scores = [.. samples[i].GetProperty("scores").EnumerateArray().Select(s => s.GetSingle())];
            Assert.All(expected.Zip(scores), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Fact]
    public void Threads_change_no_score()
    {
        string blob = firmware.Write(".esb", SmallNetworks.Pruned("lenet-5"));
        string input = Npy([.. Enumerable.Range(0, 784).Select(i => i % 13 / 13f)], 1, 1, 28, 28);
        Assert.Equal(firmware.Run(blob, "--input", input).Output, firmware.Run(blob, "--input", input, "--threads", "2").Output);
    }

    [Fact]
    public void Outputs_after_the_first_are_in_the_JSON()
    {
        using JsonDocument json = RunJson(firmware.Write(".esb", SmallNetworks.TwoOutputs()), "--json", "--input", Npy([1, -2, 3], 1, 3));
        JsonElement sample = json.RootElement.GetProperty("samples")[0];
        Assert.Equal("[-1,2,-3]", sample.GetProperty("scores").GetRawText());
        Assert.Equal("[[1,0,3]]", sample.GetProperty("furtherOutputs").GetRawText());
    }

    [Fact]
    public void Bench_without_input_times_zeros()
    {
        using JsonDocument json = RunJson(firmware.Write(".esb", SmallNetworks.RowSums()), "--bench", "50", "--json");
        Assert.Equal(0, json.RootElement.GetProperty("samples").GetArrayLength());
        JsonElement bench = json.RootElement.GetProperty("bench");
        Assert.Equal(50, bench.GetProperty("inferences").GetInt32());
        Assert.InRange(json.RootElement.GetProperty("peakResidentBytes").GetInt64(), 1 << 20, 64 << 20);
        double p5 = bench.GetProperty("p5Microseconds").GetDouble();
        double median = bench.GetProperty("medianMicroseconds").GetDouble();
        double p95 = bench.GetProperty("p95Microseconds").GetDouble();
        Assert.True(p5 > 0 && p5 <= median && median <= p95, $"{p5} {median} {p95}");
    }

    [Fact]
    public void Bench_after_samples_prints_both() =>
        Assert.Matches(
            @"^0: class 1  1:7 0:3\n20 inferences: median \d+\.\d\d µs, 5 % \d+\.\d\d µs, 95 % \d+\.\d\d µs\n$",
            firmware.Run(firmware.Write(".esb", SmallNetworks.RowSums()), "--bench", "20", "--input", Npy([1, 2, 3, 4], 1, 1, 2, 2)).Output);

    [Fact]
    public void A_score_that_JSON_has_no_number_for_is_null()
    {
        using JsonDocument json = RunJson(
            firmware.Write(".esb", SmallNetworks.RowSums()), "--json", "--input", Npy([3e38f, 3e38f, 1, 2], 1, 1, 2, 2));
        JsonElement sample = json.RootElement.GetProperty("samples")[0];
        Assert.Equal(0, sample.GetProperty("class").GetInt32());
        Assert.Equal("[null,3]", sample.GetProperty("scores").GetRawText());
    }

    private JsonDocument RunJson(params ReadOnlySpan<string> arguments)
    {
        ProcessResult result = firmware.Run(arguments);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        return JsonDocument.Parse(result.Output);
    }

    private string Npy(float[] values, params ReadOnlySpan<int> shape)
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, values, shape);
        return firmware.Write(".npy", stream.ToArray());
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}
