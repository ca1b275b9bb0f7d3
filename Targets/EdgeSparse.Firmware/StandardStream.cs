using System.Runtime.InteropServices;
using System.Text;

namespace EdgeSparse.Firmware;

/// <summary>
/// Standard output and error through write(2). System.Console would bring terminal handling and encodings, 220 KB of the
/// executable; FileStream writes at offsets of its own, which is wrong for a file that other programs append to.
/// </summary>
internal sealed partial class StandardStream(int descriptor)
{
    public static readonly StandardStream Output = new(1);
    public static readonly StandardStream Error = new(2);

    private const int Interrupted = 4;

    /// <exception cref="IOException">The other end is closed, or the disk behind it is full.</exception>
    public void Write(string text)
    {
        ReadOnlySpan<byte> left = Encoding.UTF8.GetBytes(text);
        while (!left.IsEmpty)
        {
            nint written = WriteSome(descriptor, left, (nuint)left.Length);
            if (written >= 0)
            {
                left = left[(int)written..];
            }
            else if (Marshal.GetLastPInvokeError() != Interrupted)
            {
                throw new IOException($"cannot write to standard output: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int descriptor, ReadOnlySpan<byte> bytes, nuint count);
}
