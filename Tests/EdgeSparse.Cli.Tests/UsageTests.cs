namespace EdgeSparse.Cli.Tests;

public sealed class UsageTests
{
    [Theory]
    [InlineData("compres", "edgesparse: error: there is no verb 'compres'; did you mean 'compress'?", "compres")]
    [InlineData("two words", "edgesparse: error: there is no verb 'frobnicate'. Allowed: ", "frobnicate", "--json")]
    [InlineData("option", "edgesparse: error: edgesparse compile has no option '--outptu'; did you mean '--output'? (see edgesparse compile --help)", "compile", "x.onnx", "--outptu", "y.esb")]
    [InlineData("option where an argument is due", "edgesparse: error: edgesparse recipe check has no option '--sett'; did you mean '--set'? (see edgesparse recipe check --help)", "recipe", "check", "--sett", "x")]
    [InlineData("surplus", "edgesparse: error: edgesparse recipe check does not know what to do with 'b.json' (see edgesparse recipe check --help)", "recipe", "check", "a.json", "b.json")]
    [InlineData("missing argument", "edgesparse: error: Required argument missing for command: 'check' (see edgesparse recipe check --help)", "recipe", "check")]
    [InlineData("missing option", "edgesparse: error: Option '--output' is required (see edgesparse compile --help)", "compile", "x.onnx")]
    [InlineData("no override", "edgesparse: error: --set x: an override has the form path.to.key=value (see edgesparse recipe check --help)", "recipe", "check", "r.json", "--set", "x")]
    [InlineData("no number", "edgesparse: error: Cannot parse argument 'two' for option '--seconds': it must be a number (see edgesparse bench --help)", "bench", "m.esb", "--seconds", "two")]
    [InlineData("no time", "edgesparse: error: --seconds must be between 0.01 and 86400 (see edgesparse bench --help)", "bench", "m.esb", "--seconds", "0")]
    [InlineData("no list", "edgesparse: error: --threads must be whole numbers from 1 to 256 with commas between them, such as 1,2, not '1,two' (see edgesparse bench --help)", "bench", "m.esb", "--threads", "1,two")]
    [InlineData("an empty place", "edgesparse: error: --threads must be whole numbers from 1 to 256 with commas between them, such as 1,2, not '1,' (see edgesparse bench --help)", "bench", "m.esb", "--threads", "1,")]
    [InlineData("no thread", "edgesparse: error: --threads must be whole numbers from 1 to 256 with commas between them, such as 1,2, not '0' (see edgesparse bench --help)", "bench", "m.esb", "--threads", "0")]
    [InlineData("too many threads", "edgesparse: error: --threads must be whole numbers from 1 to 256 with commas between them, such as 1,2, not '257' (see edgesparse bench --help)", "bench", "m.esb", "--threads", "257")]
    [InlineData("a number twice", "edgesparse: error: --threads has 2 twice (see edgesparse bench --help)", "bench", "m.esb", "--threads", "2,1,2")]
    [InlineData("no list taken", "edgesparse: error: --threads must be a whole number from 1 to 256, not '1,2' (see edgesparse explain --help)", "explain", "m.esb", "--threads", "1,2")]
    [InlineData("no peer", "edgesparse: error: there is no peer 'xnpack'; did you mean 'xnnpack'? Allowed: onnxruntime, xnnpack, all (see edgesparse bench --help)", "bench", "m.esb", "--against", "m.onnx", "--peers", "onnxruntime,xnpack")]
    [InlineData("peers of nothing", "edgesparse: error: --peers needs --against MODEL.onnx, the network that they run (see edgesparse bench --help)", "bench", "m.esb", "--peers", "all")]
    [InlineData("no shape", "edgesparse: error: --input-shape 1xN: a shape has the form NAME=1x3x224x224 or 1x3x224x224 (see edgesparse compile --help)", "compile", "x.onnx", "-o", "y.esb", "--input-shape", "1xN")]
    [InlineData("nothing to compile", "edgesparse: error: give IN.onnx, or --network NAME --weights FILE (see edgesparse compile --help)", "compile", "-o", "y.esb")]
    [InlineData("two things to compile", "edgesparse: error: IN.onnx and --network exclude each other (see edgesparse compile --help)", "compile", "x.onnx", "--network", "resnet-20", "--weights", "w.safetensors", "-o", "y.esb")]
    [InlineData("no weights", "edgesparse: error: --network and --weights need each other: the network of the zoo, and the file with its weights (see edgesparse compile --help)", "compile", "--network", "resnet-20", "-o", "y.esb")]
    [InlineData("a shape of the zoo's", "edgesparse: error: --input-shape is for models that leave a shape open; networks of the zoo do not (see edgesparse compile --help)", "compile", "--network", "resnet-20", "--weights", "w.safetensors", "--input-shape", "1x3x32x32", "-o", "y.esb")]
    [InlineData("no tests", "edgesparse: error: Required argument missing for command: 'conformance' (see edgesparse conformance --help)", "conformance")]
    [InlineData("no tolerance", "edgesparse: error: --rtol must be a number that is not negative (see edgesparse conformance --help)", "conformance", "tests", "--rtol", "-1")]
    [InlineData("no meter", "edgesparse: error: there is no meter 'ina220'. Allowed: ina219[", "energy", "trace", "--meter", "ina220")]
    [InlineData("no setting", "edgesparse: error: 'ina219:buss=1': ina219 has no setting 'buss'. Allowed: bus, address, shunt, max, volts, tolerance (see edgesparse energy measure --help)", "energy", "measure", "m.esb", "--meter", "ina219:buss=1")]
    [InlineData("no runs", "edgesparse: error: --runs must be between 1 and 100 (see edgesparse energy measure --help)", "energy", "measure", "m.esb", "--meter", "rapl", "--runs", "0")]
    [InlineData("no interval", "edgesparse: error: --interval must be between 0.001 and 60 (see edgesparse energy trace --help)", "energy", "trace", "--meter", "rapl", "--interval", "0")]
    public void A_wrong_command_line_is_one_line_and_exit_code_2(string what, string line, params string[] arguments)
    {
        ToolResult result = Tool.Run(arguments);
        Assert.StartsWith(line, result.Error);
        Assert.True(result.Error.Count(c => c == '\n') == 1, what);
        Assert.Equal("", result.Output);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void Help_names_every_verb()
    {
        ToolResult result = Tool.Run("--help").Succeeds();
        Assert.Equal("", result.Error);
        foreach (string verb in new[] { "bench", "compile", "compress", "data", "deploy", "doctor", "energy", "explain", "inspect", "keys", "prune", "publish", "recipe", "rollback", "run", "status", "train", "verify" })
        {
            Assert.Matches($@"(?m)^  {verb} ", result.Output);
        }
    }

    [Fact]
    public void No_verb_at_all_shows_the_help() => Assert.Contains("Usage:", Tool.Run().Succeeds().Output);
}
