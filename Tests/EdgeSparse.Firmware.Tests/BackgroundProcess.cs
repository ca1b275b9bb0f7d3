using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace EdgeSparse.Firmware.Tests;

/// <summary>A program that runs until it is told to end.</summary>
internal sealed partial class BackgroundProcess : IDisposable
{
    public const int Terminate = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly StringBuilder error = new();

    public BackgroundProcess(string program, string? workingDirectory, params ReadOnlySpan<string> arguments)
        : this(program, workingDirectory, ImmutableSortedDictionary<string, string?>.Empty, arguments)
    {
    }

    /// <param name="environment">Variables set besides the inherited ones.</param>
    public BackgroundProcess(
        string program, string? workingDirectory, ImmutableSortedDictionary<string, string?> environment, params ReadOnlySpan<string> arguments)
    {
        process = new Process
        {
            StartInfo = new ProcessStartInfo(program, [.. arguments])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = workingDirectory ?? "",
            },
        };
        foreach ((string name, string? value) in environment)
        {
            process.StartInfo.Environment[name] = value;
        }

        process.OutputDataReceived += (_, e) => Append(output, e.Data);
        process.ErrorDataReceived += (_, e) => Append(error, e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public string Output => Text(output);

    public string Error => Text(error);

    public StreamWriter Input => process.StandardInput;

    public bool HasExited => process.HasExited;

    /// <summary>Waits until the condition holds; fails with what the program wrote when it does not.</summary>
    public void WaitUntil(Func<bool> condition, string what) => Patiently(condition, () => $"{what}; the program wrote: {Output}{Error}");

    public static void Patiently(Func<bool> condition, Func<string> what)
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < end, what());
            Thread.Sleep(10);
        }
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(process.Id, signal));

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 128 and the signal where one ended it.</returns>
    public int Wait()
    {
        Assert.True(process.WaitForExit(Patience), $"the program does not end; it wrote: {Output}{Error}");
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
