using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Runtime;
using EdgeSparse.Targets.Processes;
using EdgeSparse.Targets.Publishing;

namespace EdgeSparse.Cli.Quickstart;

/// <summary>Runs the published executable as a user would: on a file of pictures, and again and again to time its start.</summary>
internal static class FirmwareTrial
{
    private const int Samples = 100;
    private const int Starts = 25;

    public static FirmwareResult Run(
        PublishedFirmware firmware, string blob, DataSplit test, TensorInfo input, string folder, CancellationToken cancellation)
    {
        DataSplit digits = test.Take(Samples);
        string many = WriteIdx(Path.Combine(folder, "digits.idx"), digits, input);
        string one = WriteIdx(Path.Combine(folder, "digit.idx"), digits.Take(1), input);

        int right = Predictions(firmware, blob, many, cancellation).Where((predicted, i) => predicted == digits.LabelOf(i)).Count();
        ImmutableArray<string> arguments = [blob, "--input", one];
        double[] starts = new double[Starts];
        for (int i = 0; i < Starts; i++)
        {
            starts[i] = Start(firmware, arguments, cancellation).Duration.TotalMilliseconds;
        }

        Array.Sort(starts);
        return new FirmwareResult(
            firmware.Executable, firmware.ExecutableBytes, digits.Count, right, starts[Starts / 2], [firmware.Executable, blob, "--input", many]);
    }

    private static IEnumerable<int> Predictions(PublishedFirmware firmware, string blob, string digits, CancellationToken cancellation)
    {
        using JsonDocument json = JsonDocument.Parse(Start(firmware, [blob, "--input", digits, "--json"], cancellation).Output);
        return [.. json.RootElement.GetProperty("samples").EnumerateArray().Select(s => s.GetProperty("class").GetInt32())];
    }

    private static ProcessResult Start(PublishedFirmware firmware, ImmutableArray<string> arguments, CancellationToken cancellation)
    {
        ProcessResult result = ProcessRunner.Run(new ProcessRequest(firmware.Executable, arguments), cancellation: cancellation);
        return result.ExitCode == 0
            ? result
            : throw new EdgeSparseException(
                string.Create(CultureInfo.InvariantCulture, $"the executable ended with exit code {result.ExitCode}: {result.Error.Trim()}"));
    }

    /// <summary>Pixels as bytes, with the dimensions that the network's input has, as MNIST's files hold them.</summary>
    private static string WriteIdx(string path, DataSplit digits, TensorInfo input)
    {
        int[] dimensions = [digits.Count, .. input.Shape.Skip(1).Where(d => d != 1)];
        float[] pixels = new float[input.ElementCount];
        AtomicFile.Write(path, stream =>
        {
            stream.Write([0, 0, 8, (byte)dimensions.Length]);
            foreach (int dimension in dimensions)
            {
                stream.Write([(byte)(dimension >> 24), (byte)(dimension >> 16), (byte)(dimension >> 8), (byte)dimension]);
            }

            for (int i = 0; i < digits.Count; i++)
            {
                digits.Read(i, pixels);
                stream.Write(Array.ConvertAll(pixels, p => (byte)MathF.Round(p * byte.MaxValue)));
            }
        });
        return path;
    }
}
