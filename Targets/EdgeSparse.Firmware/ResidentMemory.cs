namespace EdgeSparse.Firmware;

/// <summary>Memory of this process that lies in the machine's, its executable and mapped files counted in.</summary>
internal static class ResidentMemory
{
    private const string StatusFile = "/proc/self/status";
    private const int LongestStatus = 8192;

    /// <summary>
    /// The most bytes up to now, from the line <c>VmHWM: N kB</c> of the kernel's own account; null where there is none. (getrusage
    /// would count what the program had that started this one.)
    /// </summary>
    public static long? Peak()
    {
        if (!File.Exists(StatusFile))
        {
            return null;
        }

        byte[] buffer = new byte[LongestStatus];
        using FileStream stream = new(StatusFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        return Parse(buffer.AsSpan(0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)));
    }

    private static long? Parse(ReadOnlySpan<byte> status)
    {
        int place = status.IndexOf("VmHWM:"u8);
        if (place < 0)
        {
            return null;
        }

        long kilobytes = 0;
        foreach (byte c in status[(place + "VmHWM:".Length)..])
        {
            if (c is >= (byte)'0' and <= (byte)'9')
            {
                kilobytes = (kilobytes * 10) + (c - '0');
            }
            else if (c == (byte)'k')
            {
                break;
            }
        }

        return kilobytes * 1024;
    }
}
