using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;

namespace EdgeSparse.Kernels;

/// <summary>A layer's size.</summary>
/// <param name="Inputs">Input channels.</param>
/// <param name="Outputs">Output channels.</param>
/// <param name="Size">Rows and columns of the map; 0 for a fully connected layer.</param>
/// <param name="Kernel">Rows and columns of the kernel.</param>
/// <param name="Groups">Groups of channels.</param>
internal sealed record LayerShape(int Inputs, int Outputs, int Size, int Kernel = 1, int Groups = 1)
{
    public TensorShape Input => Size == 0 ? new TensorShape(1, Inputs) : new TensorShape(1, Inputs, Size, Size);

    public TensorShape Weight => Size == 0
        ? new TensorShape(Outputs, Inputs)
        : new TensorShape(Outputs, Inputs / Groups, Kernel, Kernel);

    /// <summary>
    /// Layers that a kernel can run: for 32-bit indices one that 16 bits do not reach over. There is none for convolutions with
    /// them: 64 channels of 224×224 still got 16 bits, and no shape that needs 32 was found yet.
    /// </summary>
    public static LayerShape[] For(in Kernel kernel) => (kernel.Kind, kernel.Format) switch
    {
        (OperationKind.Linear, WeightFormat.Csr32 or WeightFormat.Bsr32) => [new(70_000, 64, 0)],
        (OperationKind.Linear, _) => [new(784, 300, 0), new(4096, 1000, 0)],
        (OperationKind.ChannelAffine, _) => [],
        (_, WeightFormat.Depthwise) => [new(256, 256, 28, 3, 256)],
        (_, WeightFormat.Csr32 or WeightFormat.Bsr32) => [],
        _ => [new(256, 256, 28), new(64, 64, 32, 3)],
    };

    public override string ToString() => Size == 0 ? $"{Inputs}-{Outputs}" : $"{Kernel}x{Kernel} {Inputs}-{Outputs} {Size}x{Size}";
}
