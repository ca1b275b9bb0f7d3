using EdgeSparse.Targets.Processes;

namespace EdgeSparse.Targets.Tests.Processes;

public class ProcessRunnerTests
{
    [Fact]
    public void Output_error_and_exit_code_are_kept_apart()
    {
        ProcessResult result = Run(Shell("echo out; echo err >&2; exit 3"));
        Assert.Equal((3, "out\n", "err\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public void Lines_come_while_the_program_runs_and_are_kept()
    {
        List<string> lines = [];
        ProcessResult result = Run(Shell("echo one; echo two"), lines.Add);
        Assert.Equal(["one", "two"], lines);
        Assert.Equal($"one{Environment.NewLine}two{Environment.NewLine}", result.Output);
    }

    [Fact]
    public void Arguments_are_read_by_no_shell() =>
        Assert.Equal("$HOME 'a b';\n", Run(new ProcessRequest("printf", ["%s\n", "$HOME 'a b';"])).Output);

    [Fact]
    public void Variables_are_set_and_taken_away()
    {
        ProcessRequest request = Shell("echo ${A-none} ${HOME-none}") with
        {
            Environment = Shell("").Environment.Add("A", "1").Add("HOME", null),
        };
        Assert.Equal("1 none\n", Run(request).Output);
    }

    [Fact]
    public void A_program_that_is_not_there_is_named() =>
        Assert.StartsWith(
            "cannot start 'no-such-program': ",
            Assert.Throws<TargetsException>(() => Run(new ProcessRequest("no-such-program", []))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_program_out_of_time_is_killed_with_its_children()
    {
        string pidFile = Path.GetTempFileName();
        try
        {
            TargetsException error = Assert.Throws<TargetsException>(
                () => Run(Shell($"sleep 600 & echo $! > {pidFile}; wait") with { Timeout = TimeSpan.FromSeconds(1) }));
            Assert.Equal("'sh' took longer than 1 s and was stopped", error.Message);
            string stat = $"/proc/{File.ReadAllText(pidFile).Trim()}/stat";
            // Killed and reaped, or killed and waiting for the parent that adopted it. The signal takes its time on a busy machine.
            bool Gone() => !File.Exists(stat) || File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
            Assert.True(SpinWait.SpinUntil(Gone, TimeSpan.FromSeconds(30)));
        }
        finally
        {
            File.Delete(pidFile);
        }
    }

    [Fact]
    public void Cancelling_kills_the_program()
    {
        using CancellationTokenSource cancellation = new(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => ProcessRunner.Run(Shell("sleep 600"), cancellation: cancellation.Token));
    }

    private static ProcessResult Run(ProcessRequest request, Action<string>? onLine = null) =>
        ProcessRunner.Run(request, onLine, TestContext.Current.CancellationToken);

    private static ProcessRequest Shell(string script) => new("sh", ["-c", script]);
}
