using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Kernels;

/// <summary>The operation that each step of a blob's plan belongs to.</summary>
internal static unsafe class PlanLayers
{
    public static int[] Of(BlobBuilder blob)
    {
        using Model model = Model.FromBytes(blob.Build());
        using var memory = new NativeArena();
        Step* steps = PlanBuilder.Build(model, (float*)memory.Allocate(model.ArenaBytes), memory, 1, out int count);
        int[] layers = new int[count];
        for (int i = 0; i < count; i++)
        {
            layers[i] = steps[i].Layer;
        }

        return layers;
    }
}
