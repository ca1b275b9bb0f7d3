using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// A value split by stride phase, which strided convolutions read with unit stride; see SplitPhases in docs/format.md.
/// Convolutions with the same source, stride and leading padding share one.
/// </summary>
/// <param name="Source">The value that is split.</param>
internal readonly record struct PhaseSplit(string Source, int StrideY, int StrideX, int PadTop, int PadLeft)
{
    public static PhaseSplit Of(Conv2d conv) =>
        new(conv.Input, conv.Window.StrideY, conv.Window.StrideX, conv.Window.PadTop, conv.Window.PadLeft);

    public static bool IsNeededBy(Conv2d conv) => conv.Window.StrideY > 1 || conv.Window.StrideX > 1;

    /// <summary>The split value's name in the blob.</summary>
    public string Name => $"{Source}:phases{StrideY}x{StrideX}+{PadTop}+{PadLeft}";

    /// <summary>Planes, rows and columns that the convolution reads of the split value.</summary>
    /// <param name="conv">One of the convolutions that read it.</param>
    /// <param name="sourceChannels">Channels before the split.</param>
    /// <param name="output">Pixels that the convolution writes.</param>
    public PlaneShape ShapeFor(Conv2d conv, int sourceChannels, PlaneShape output) => new(
        checked(sourceChannels * StrideY * StrideX),
        output.Height + ((conv.Window.KernelY - 1) * conv.Window.DilationY / StrideY),
        output.Width + ((conv.Window.KernelX - 1) * conv.Window.DilationX / StrideX));
}
