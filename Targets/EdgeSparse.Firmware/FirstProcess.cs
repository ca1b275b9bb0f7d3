using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware;

/// <summary>
/// What is different where the firmware is all there is: a kernel that started it as PID 1 panics when it ends, so it powers the
/// machine off instead.
/// </summary>
internal static partial class FirstProcess
{
    // linux/reboot.h
    private const int PowerOffCommand = 0x4321fedc;

    /// <summary>Returns the exit code, or, as PID 1, writes it to the console and powers the machine off.</summary>
    public static int End(int exitCode)
    {
        if (Environment.ProcessId != 1)
        {
            return exitCode;
        }

        StandardStream.Output.Write(string.Create(CultureInfo.InvariantCulture, $"edgesparse-run: ended with {exitCode}\n"));
        Sync();
        if (Reboot(PowerOffCommand) != 0)
        {
            // In a container PID 1 is an ordinary process that may end, and may not power anything off.
            return exitCode;
        }

        // The call returns before the machine is off.
        Thread.Sleep(Timeout.Infinite);
        return exitCode;
    }

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = false)]
    private static partial int Reboot(int command);
}
