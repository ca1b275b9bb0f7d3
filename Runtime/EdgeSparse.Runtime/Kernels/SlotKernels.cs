using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>The kernels of pooling, of elementwise operations and of matrix products, for one width of vectors.</summary>
internal static unsafe class SlotKernels
{
    public static void Add<TOps, TVector>(List<Kernel> table)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        AddPooling(OperationKind.MaxPool, "max-pool", &Pooling<TOps, TVector>.Max);
        AddPooling(OperationKind.AveragePool, "average-pool", &Pooling<TOps, TVector>.Average);
        AddElementwise(OperationKind.Activate, "activate", &Elementwise<TOps, TVector>.Activate);
        AddElementwise(OperationKind.Add, "add", &Elementwise<TOps, TVector>.Add);
        AddElementwise(OperationKind.ChannelAffine, "channel-affine", &Elementwise<TOps, TVector>.ChannelAffine);

        table.Add(new(OperationKind.MatMul, 0, "matmul", "4x2", TOps.Name, TOps.Set, &MatMul<TOps, TVector>.Run) { Width = TOps.Count });

        void AddPooling(OperationKind kind, string name, delegate*<Step*, int, int, void> run) => table.Add(
            new(kind, 0, name, "", TOps.Name, TOps.Set, run) { Width = TOps.Count, ReadsSlots = true });

        void AddElementwise(OperationKind kind, string name, delegate*<Step*, int, int, void> run) => table.Add(
            new(kind, kind == OperationKind.ChannelAffine ? WeightFormat.Dense : 0, name, "", TOps.Name, TOps.Set, run)
            {
                Width = TOps.Count,
            });
    }
}
