using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>How libtorch's OpenMP threads wait for each other at the end of each parallel loop.</summary>
internal static partial class TorchThreads
{
    private const int KeepWhatIsSet = 0;

    /// <summary>
    /// Lets waiting threads sleep instead of spin. By default they spin: where another program wants one of the cores, every
    /// small loop then waits for a time slice, and LeNet-5 trained at 290 samples/s instead of 1,800 on two busy cores.
    /// A user's own <c>OMP_WAIT_POLICY</c> stands. Call it before libtorch is loaded: OpenMP reads it then.
    /// </summary>
    /// <exception cref="TrainingException">The C library refuses the variable, for example for want of memory.</exception>
    public static void SleepWhileWaiting()
    {
        // Not Environment.SetEnvironmentVariable: .NET keeps a copy of its own, which native libraries do not see.
        if (SetNativeEnvironment("OMP_WAIT_POLICY", "passive", KeepWhatIsSet) != 0)
        {
            throw new TrainingException($"the variable OMP_WAIT_POLICY cannot be set: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNativeEnvironment(string name, string value, int overwrite);
}
