using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime;

/// <summary>One step of a network's plan and how it runs on this machine.</summary>
/// <param name="Name">The layer's name in the network.</param>
/// <param name="Operation">What it computes, for example <c>Conv2d</c>.</param>
/// <param name="Kernel">The kernel that runs it, for example <c>conv2d-csr16-1x64-avx512</c>.</param>
/// <param name="WeightFormat">How its weight is stored, for example <c>Csr16</c>; null for a step without a weight.</param>
/// <param name="Rows">Rows of its weight matrix (outputs), 0 without a weight.</param>
/// <param name="Columns">Columns of its weight matrix, 0 without a weight.</param>
/// <param name="NonZeros">Weights stored, explicit padding zeros of the format not counted.</param>
/// <param name="Bytes">Bytes of weight, indices and bias in the blob.</param>
public sealed record LayerInfo(
    string Name, string Operation, string Kernel, string? WeightFormat, int Rows, int Columns, long NonZeros, long Bytes)
{
    // Spelt out: names of enum members would need reflection data in the firmware.
    private static readonly string[] Operations =
    [
        "", "Linear", "Conv2d", "MaxPool", "AveragePool", "Activate", "Softmax", "Add", "Relayout", "GlobalAveragePool", "ChannelAffine",
        "Binary", "Select", "Rearrange", "Channels", "Reduce", "TopK", "Resample", "Normalise", "LocalResponse", "MatMul", "GlobalMaxPool",
        "Constant", "Gather",
    ];

    private static readonly string[] Formats =
        ["", "Dense", "Csr16", "Csr32", "SlicedEll", "CsrDelta8", "Bsr16", "Bsr32", "NofM", "Depthwise", "Csc16"];

    internal static string NameOf(WeightFormat format) => Formats[(int)format];

    internal static unsafe LayerInfo Of(BlobView blob, int index, string kernel)
    {
        OperationRecord* step = blob.Operations + index;
        string name = TextCheck.Name(blob, step->NameOffset, step->NameLength);
        string operation = Operations[(int)step->Kind];
        if (step->Weight < 0)
        {
            return new LayerInfo(name, operation, kernel, null, 0, 0, 0, 0);
        }

        WeightRecord* weight = blob.Weights + step->Weight;
        ulong bytes = weight->ValueBytes + weight->IndexBytes + weight->PointerBytes + weight->BiasBytes + weight->RowMapBytes
            + weight->WindowBytes;
        return new LayerInfo(
            name, operation, kernel, NameOf(weight->Format), weight->Rows, weight->Columns, weight->NonZeros, (long)bytes);
    }
}
