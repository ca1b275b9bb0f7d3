using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Kernels over planar values, between layouts, and over whole rows of slots, that every machine has: "vector" is the width that
/// the runtime prefers.
/// </summary>
internal static unsafe class PlanarKernels
{
    public static void Add(List<Kernel> table)
    {
        AddKernel(OperationKind.Relayout, "relayout", "4x4", "vector128", &Relayout.Run);
        AddKernel(OperationKind.GlobalAveragePool, "global-average-pool", "", "vector128", &GlobalPool.Average);
        AddKernel(OperationKind.GlobalMaxPool, "global-max-pool", "", "vector128", &GlobalPool.Max);
        AddKernel(OperationKind.Softmax, "softmax", "", "vector", &Softmax.Run);
        AddKernel(OperationKind.Binary, "binary", "", "vector", &Binary.Run);
        AddKernel(OperationKind.Select, "select", "", "vector", &Select.Run);
        AddKernel(OperationKind.Rearrange, "rearrange", "4x4", "vector128", &Rearrange.Run);
        AddKernel(OperationKind.Channels, "channels", "", "copy", &Channels.Run);
        AddKernel(OperationKind.Constant, "constant", "", "copy", &Constant.Run);
        AddKernel(OperationKind.Reduce, "reduce", "", "vector", &Reduce.Run);
        AddKernel(OperationKind.TopK, "top-k", "heap", "scalar", &TopK.Run);
        AddKernel(OperationKind.Gather, "gather", "", "copy", &Gather.Run);
        AddKernel(OperationKind.Resample, "resample", "", "vector", &Resample.Run);
        AddKernel(OperationKind.Normalise, "normalise", "", "vector", &Normalise.Run);
        AddKernel(OperationKind.LocalResponse, "local-response", "", "vector", &LocalResponse.Run);

        void AddKernel(OperationKind kind, string name, string variant, string set, delegate*<Step*, int, int, void> run) =>
            table.Add(new(kind, 0, name, variant, set, InstructionSet.Scalar, run));
    }
}
