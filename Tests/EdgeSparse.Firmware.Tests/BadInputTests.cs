using System.Text;
using EdgeSparse.Runtime.Inputs;
using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Firmware.Tests;

public class BadInputTests(FirmwareFixture firmware)
{
    private const int VersionOffset = 8;

    private string Blob => firmware.Write(".esb", SmallNetworks.RowSums());

    [Fact]
    public void A_missing_blob_is_named() =>
        Refused("error: there is no file 'no/such.esb'\n", "no/such.esb", "--bench", "1");

    [Fact]
    public void A_folder_without_a_manifest_is_no_model() =>
        Refused($"error: there is no '{firmware.Folder}/manifest.json'\n", firmware.Folder, "--bench", "1");

    [Fact]
    public void An_empty_blob_is_refused()
    {
        string path = firmware.Write(".esb", []);
        Refused($"error: '{path}' is empty, no .esb blob\n", path, "--bench", "1");
    }

    [Fact]
    public void A_file_of_another_kind_is_refused() =>
        Refused("this is no .esb blob", firmware.Write(".esb", "PK, a zip file"u8), "--bench", "1");

    [Fact]
    public void A_truncated_blob_is_refused_at_every_length_tried()
    {
        byte[] blob = SmallNetworks.RowSums();
        for (int length = 8; length < blob.Length; length += Math.Max(1, blob.Length / 20))
        {
            Refused("the blob is truncated", firmware.Write(".esb", blob.AsSpan(0, length)), "--bench", "1");
        }
    }

    [Fact]
    public void A_blob_of_another_version_is_refused_with_what_to_do()
    {
        byte[] blob = SmallNetworks.RowSums();
        blob[VersionOffset] = 9;
        Refused("the blob has the format version 9; this program reads version 3: pack the model again", firmware.Write(".esb", blob), "--bench", "1");
    }

    [Fact]
    public void A_flipped_byte_is_refused_wherever_it_is()
    {
        byte[] blob = SmallNetworks.RowSums();
        // Every byte of header and section table, then samples of the rest.
        IEnumerable<int> places = Enumerable.Range(0, 64 + (7 * 32)).Concat(Enumerable.Range(1, 100).Select(i => blob.Length - 1 - (i * 37 % (blob.Length - 288))));
        string path = firmware.NewFile(".esb");
        foreach (int place in places)
        {
            byte[] spoiled = [.. blob];
            spoiled[place] ^= 0x40;
            File.WriteAllBytes(path, spoiled);
            ProcessResult result = firmware.Run(path, "--bench", "1");
            Assert.True(result.ExitCode == 1 && IsOneLine(result.Error), $"byte {place}: exit code {result.ExitCode}, {result.Error}");
        }
    }

    [Fact]
    public void A_missing_input_is_named() =>
        Refused("error: no/such.npy: there is no such file\n", Blob, "--input", "no/such.npy");

    [Fact]
    public void An_input_of_another_shape_is_refused_with_the_networks() =>
        Refused("the network's input 'picture' is 1×1×2×2", Blob, "--input", Npy([1, 2, 3], 1, 3));

    [Fact]
    public void An_input_of_another_type_is_refused()
    {
        byte[] header = Encoding.ASCII.GetBytes("{'descr': '<U4', 'fortran_order': False, 'shape': (4,), }".PadRight(117) + "\n");
        byte[] npy = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. new byte[64]];
        Refused("error: ", Blob, "--input", firmware.Write(".npy", npy));
    }

    [Fact]
    public void An_input_of_another_kind_is_refused() =>
        Refused("neither a .npy, nor an .idx, nor a .png file by its content", Blob, "--input", firmware.Write(".txt", "hello, world"u8));

    [Theory]
    [InlineData("error: a model is missing")]
    [InlineData("error: nothing to do: give --input, --bench or --energy, --self-test, --verify, --serve or --watch", "m.esb")]
    [InlineData("error: there is no meter 'volts'. Allowed: ina219[:bus=1,address=0x40,shunt=0.1,max=A,volts=V], hwmon:CHIP[/LABEL], rapl[:ZONE], battery[:NAME], replay:FILE.csv", "m.esb", "--energy", "volts")]
    [InlineData("error: --energy-seconds needs --energy", "m.esb", "--bench", "1", "--energy-seconds", "1")]
    [InlineData("error: --energy-seconds needs a number from 0.01 to 3600, found '0'", "m.esb", "--energy", "rapl", "--energy-seconds", "0")]
    [InlineData("error: unknown option '--inptu'", "m.esb", "--inptu", "x")]
    [InlineData("error: --input needs a value", "m.esb", "--input")]
    [InlineData("error: --bench needs a whole number from 1 to 100000000, found '0'", "m.esb", "--bench", "0")]
    [InlineData("error: --bench needs a whole number from 1 to 100000000, found '-3'", "m.esb", "--bench", "-3")]
    [InlineData("error: --bench needs a whole number from 1 to 100000000, found '99999999999'", "m.esb", "--bench", "99999999999")]
    [InlineData("error: --threads needs a whole number from 1 to 256, found '257'", "m.esb", "--bench", "1", "--threads", "257")]
    [InlineData("error: --threads goes with --input, --bench, --energy, --serve and --watch", "m.esb", "--self-test", "--threads", "2")]
    [InlineData("error: --device is cpu, cuda, cuda:N or auto, found 'gpu'", "m.esb", "--bench", "1", "--device", "gpu")]
    [InlineData("error: --device is cpu, cuda, cuda:N or auto, found 'cuda:-1'", "m.esb", "--bench", "1", "--device", "cuda:-1")]
    [InlineData("error: --device stands there twice", "m.esb", "--bench", "1", "--device", "cpu", "--device", "cpu")]
    [InlineData("error: --device goes with a model that runs", "m", "--verify", "--device", "cpu")]
    [InlineData("error: one model only; found 'm.esb' and 'n.esb'", "m.esb", "n.esb", "--bench", "1")]
    [InlineData("error: --bench stands there twice", "m.esb", "--bench", "1", "--bench", "2")]
    [InlineData("error: --serve stands beside another of --self-test, --verify, --serve, --watch and --ask", "m.esb", "--self-test", "--serve", "-")]
    [InlineData("error: --input, --bench and --energy go with a model alone", "m.esb", "--watch", "in", "--bench", "1")]
    [InlineData("error: --over goes with --verify", "m.esb", "--self-test", "--over", "d")]
    [InlineData("error: --ask needs no model", "m.esb", "--ask", "tcp:127.0.0.1:1")]
    public void A_command_line_that_means_nothing_is_answered_with_the_usage(string expected, params string[] arguments)
    {
        ProcessResult result = firmware.Run(arguments);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.StartsWith(expected + "\nusage: edgesparse-run MODEL ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_goes_to_standard_output()
    {
        ProcessResult result = firmware.Run("--help");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("usage: edgesparse-run MODEL ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_behind_standard_output_is_one_line_and_a_failure()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        ProcessResult result = ProcessRunner.Run(
            new ProcessRequest("sh", ["-c", "exec \"$0\" --help >/dev/full", firmware.Published.Executable]), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((1, "error: cannot write to standard output: No space left on device\n"), (result.ExitCode, result.Error));
    }

    private static bool IsOneLine(string text) =>
        text.StartsWith("error: ", StringComparison.Ordinal) && text.EndsWith('\n') && text.Count(c => c == '\n') == 1;

    private void Refused(string expected, params ReadOnlySpan<string> arguments)
    {
        ProcessResult result = firmware.Run(arguments);
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.True(IsOneLine(result.Error), result.Error);
    }

    private string Npy(float[] values, params ReadOnlySpan<int> shape)
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, values, shape);
        return firmware.Write(".npy", stream.ToArray());
    }
}
