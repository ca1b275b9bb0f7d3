using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Threading;

/// <summary>
/// A counter that several threads change, alone on its cache line wherever it lies: writes to it slow down no reader of a
/// neighbour. 128 bytes on either side, since some processors fetch lines of 64 bytes in pairs and others have lines of 128.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct PaddedCounter
{
    [FieldOffset(128)]
    public int Value;
}
