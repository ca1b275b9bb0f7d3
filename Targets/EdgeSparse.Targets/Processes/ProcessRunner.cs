using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;

namespace EdgeSparse.Targets.Processes;

/// <summary>A program to run, with its arguments as they are: no shell reads them.</summary>
public sealed record ProcessRequest(string FileName, ImmutableArray<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Variables set for the program besides the inherited ones; null takes one away.</summary>
    public ImmutableSortedDictionary<string, string?> Environment { get; init; } = ImmutableSortedDictionary<string, string?>.Empty;

    public TimeSpan? Timeout { get; init; }

    /// <summary>As one would type it.</summary>
    public string CommandLine => string.Join(' ', Arguments.Prepend(FileName).Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));
}

/// <summary>How a program ended, and all that it wrote.</summary>
public sealed record ProcessResult(int ExitCode, string Output, string Error, TimeSpan Duration);

/// <summary>The one way in which EdgeSparse starts other programs.</summary>
public static class ProcessRunner
{
    /// <summary>Runs the program to its end. When cancelled or out of time, it is killed with all that it started.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="onLine">Gets each line of output and error as it comes, from one thread at a time.</param>
    /// <exception cref="TargetsException">The program cannot be started, or took longer than allowed.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static ProcessResult Run(ProcessRequest request, Action<string>? onLine = null, CancellationToken cancellation = default)
    {
        using Process process = new() { StartInfo = StartInfoOf(request) };
        long started = Stopwatch.GetTimestamp();
        try
        {
            process.Start();
        }
        catch (Exception error) when (error is Win32Exception or IOException)
        {
            throw new TargetsException($"cannot start '{request.FileName}': {error.Message}", error);
        }

        process.StandardInput.Close();
        Lock oneAtATime = new();
        Task<string> output = Collect(process.StandardOutput, onLine, oneAtATime);
        Task<string> errors = Collect(process.StandardError, onLine, oneAtATime);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (request.Timeout is { } timeout)
        {
            limit.CancelAfter(timeout);
        }

        try
        {
            process.WaitForExitAsync(limit.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            cancellation.ThrowIfCancellationRequested();
            throw new TargetsException($"'{request.FileName}' took longer than {request.Timeout!.Value.TotalSeconds:0.###} s and was stopped");
        }

        TimeSpan duration = Stopwatch.GetElapsedTime(started);
        return new ProcessResult(process.ExitCode, output.GetAwaiter().GetResult(), errors.GetAwaiter().GetResult(), duration);
    }

    private static ProcessStartInfo StartInfoOf(ProcessRequest request)
    {
        ProcessStartInfo info = new(request.FileName, request.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = request.WorkingDirectory ?? "",
        };
        foreach ((string name, string? value) in request.Environment)
        {
            info.Environment[name] = value;
        }

        return info;
    }

    private static async Task<string> Collect(StreamReader reader, Action<string>? onLine, Lock oneAtATime)
    {
        if (onLine is null)
        {
            return await reader.ReadToEndAsync().ConfigureAwait(false);
        }

        StringWriter all = new();
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            all.WriteLine(line);
            lock (oneAtATime)
            {
                onLine(line);
            }
        }

        return all.ToString();
    }
}
