using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Kernels over planar values, and between layouts: no vectors of their own.</summary>
internal static unsafe class PlanarKernels
{
    public static void Add(List<Kernel> table)
    {
        const InstructionSet set = InstructionSet.Scalar;
        table.Add(new(OperationKind.Softmax, 0, "softmax", "", "tensorprimitives", set, &Softmax.Run) { IsSequential = true });
    }
}
