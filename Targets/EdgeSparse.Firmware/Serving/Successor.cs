using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeSparse.Firmware.Serving;

/// <summary>
/// A deployed folder brings its own executable. A server that was started from the folder it serves goes on with the new one: in the
/// same process, as service supervisors know it, and on the same socket, so that clients who connect meanwhile only wait.
/// </summary>
internal static class Successor
{
    /// <summary>Given by a server to its successor, not by users.</summary>
    public const string ListenerOption = "--listener";

    /// <summary>Does not return where the executable in the folder took over; otherwise the server goes on as it is.</summary>
    /// <param name="folder">What is served.</param>
    /// <param name="listener">Whose socket is passed on.</param>
    public static void TakeOver(string folder, Listener listener)
    {
        string[] command = Environment.GetCommandLineArgs();
        string executable = Path.GetFullPath(command[0]);
        if (executable != Path.Combine(Path.GetFullPath(folder), Path.GetFileName(executable)))
        {
            StandardStream.Error.Write("the model came with another executable, which is used from the next start on\n");
            return;
        }

        List<string?> arguments = [];
        for (int i = 0; i < command.Length; i++)
        {
            if (command[i] == ListenerOption)
            {
                i++;
            }
            else
            {
                arguments.Add(command[i]);
            }
        }

        arguments.AddRange(ListenerOption, listener.ForSuccessor().ToString(CultureInfo.InvariantCulture), null);
        _ = Libc.Execute(executable, [.. arguments]);
        StandardStream.Error.Write($"error: cannot start '{executable}', the server goes on as it is: {Marshal.GetLastPInvokeErrorMessage()}\n");
    }
}
