using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware;

/// <summary>
/// What is different where the firmware is all there is: nobody has mounted the kernel's account of the machine, and a kernel that
/// started it as PID 1 panics when it ends, so it powers the machine off instead.
/// </summary>
internal static partial class FirstProcess
{
    // linux/reboot.h
    private const int PowerOffCommand = 0x4321fedc;

    private const string Processes = "/proc";

    /// <summary>As PID 1, has the kernel tell of processes and their memory in /proc, where a folder of that name is there for it.</summary>
    public static void Begin()
    {
        // In a container PID 1 finds it mounted.
        if (Environment.ProcessId == 1 && Directory.Exists(Processes) && !File.Exists("/proc/self/status"))
        {
            // Without it a run is the same; memory is then not told, as on other systems that have none.
            _ = Mount("proc", Processes, "proc", 0, 0);
        }
    }

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

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, nuint flags, nint data);

    [LibraryImport("libc", EntryPoint = "sync")]
    private static partial void Sync();

    [LibraryImport("libc", EntryPoint = "reboot", SetLastError = false)]
    private static partial int Reboot(int command);
}
