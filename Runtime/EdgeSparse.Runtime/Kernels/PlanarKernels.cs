using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Kernels over planar values, and between layouts, that every machine has.</summary>
internal static unsafe class PlanarKernels
{
    public static void Add(List<Kernel> table)
    {
        const InstructionSet set = InstructionSet.Scalar;
        table.Add(new(OperationKind.Relayout, 0, "relayout", "4x4", "vector128", set, &Relayout.Run));
        table.Add(new(OperationKind.GlobalAveragePool, 0, "global-average-pool", "", "vector128", set, &GlobalAveragePool.Run));
        table.Add(new(OperationKind.Softmax, 0, "softmax", "", "tensorprimitives", set, &Softmax.Run) { IsSequential = true });
    }
}
