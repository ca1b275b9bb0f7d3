using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;
using Spectre.Console;

namespace EdgeSparse.Cli;

/// <summary>Runs one verb: progress on standard error, errors as one line, signals as cancellation.</summary>
internal static class CommandHost
{
    private const int FileWidth = 160;

    public static int Run(ParseResult arguments, Func<VerbContext, int> verb)
    {
        using CancellationTokenSource cancellation = new();
        int interruptedBy = 0;
        void Stop(PosixSignalContext signal, int code)
        {
            // The first signal asks the work to stop with its files whole; a second one no longer waits for it.
            signal.Cancel = Interlocked.Exchange(ref interruptedBy, code) == 0;
            cancellation.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, s => Stop(s, ExitCode.Interrupted));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s => Stop(s, ExitCode.Terminated));
        bool verbose = arguments.GetValue(GlobalOptions.Verbose);
        bool json = arguments.GetValue(GlobalOptions.Json);
        try
        {
            VerbContext context = new(arguments, IProgressSink.Silent, StandardOutput(), json, cancellation.Token);
            // A wrong file of the user's is found before any work, also by verbs that would never look into it.
            _ = arguments.GetValue(GlobalOptions.Toolchain) is null ? null : context.Toolchain;
            int exitCode = ExitCode.Success;
            WithProgress(sink =>
            {
                context = context with { Progress = sink };
                exitCode = verb(context);
            });
            context.WriteReports();
            return exitCode;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine("edgesparse: interrupted");
            return interruptedBy;
        }
        catch (Exception error) when (error is EdgeSparseException or IOException or UnauthorizedAccessException)
        {
            WriteError(verbose ? error.ToString() : OneLine(error.Message));
            return ExitCode.Failure;
        }
        catch (Exception error)
        {
            // Nothing that a user can give should lead here: the message asks for a report.
            WriteError(verbose
                ? error.ToString()
                : $"a fault in the program itself, {error.GetType().Name}: {OneLine(error.Message)} (run it again with --verbose, and report what it says)");
            return ExitCode.Failure;
        }
    }

    public static void WriteError(string message) => Console.Error.WriteLine($"edgesparse: error: {message}");

    private static void WithProgress(Action<IProgressSink> work)
    {
        if (!Console.IsErrorRedirected)
        {
            IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
            if (terminal.Profile.Capabilities.Ansi)
            {
                new LiveProgress(terminal).Show(work);
                return;
            }
        }

        work(new PlainProgress(Console.Error));
    }

    private static IAnsiConsole StandardOutput()
    {
        if (!Console.IsOutputRedirected)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        }

        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(new TrimmingWriter(Console.Out)),
        });

        // Without a terminal Spectre assumes 80 columns and folds long cells; a file has no edge.
        console.Profile.Width = FileWidth;
        return console;
    }

    /// <summary>Names from foreign files stand in messages: no line end and no escape sequence of theirs reaches the terminal.</summary>
    private static string OneLine(string message) => string.Concat(message.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '?' : c)).Trim();
}
