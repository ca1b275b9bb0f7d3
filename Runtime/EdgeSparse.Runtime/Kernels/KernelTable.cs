using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Every kernel there is, best first: the first that fits a step runs it. Tests run each of them. The entries of an instruction
/// set that an ahead-of-time compiled executable cannot have are compiled out with their kernels.
/// </summary>
internal static unsafe class KernelTable
{
    /// <summary>The kernels for machines that have <paramref name="set"/>.</summary>
    public static Kernel[] For(InstructionSet set)
    {
        var table = new List<Kernel>(128);
        if (set >= InstructionSet.Avx512 && Hardware.HasAvx512)
        {
            LinearKernels.AddAvx512(table);
            AddAll<Ops512, Vector512<float>>(table);
        }

        if (set >= InstructionSet.Avx2 && Hardware.HasAvx2)
        {
            LinearKernels.AddAvx2(table);
            AddAll<Ops256, Vector256<float>>(table);
        }

        if (set >= InstructionSet.Vector128 && Hardware.HasVector128)
        {
            LinearKernels.AddVector128(table);
            AddAll<Ops128, Vector128<float>>(table);
        }

        LinearKernels.AddScalar(table);

        // An executable compiled ahead of time for a processor that has vectors cannot lose them, as a variable can make a process
        // with a just-in-time compiler do: there the scalar twins would only take space.
        if (!Hardware.HasVector128 || RuntimeFeature.IsDynamicCodeSupported)
        {
            AddAll<OpsScalar, float>(table);
        }

        PlanarKernels.Add(table);
        return [.. table];
    }

    /// <summary>The kernel for a step: the first that fits.</summary>
    public static Kernel Select(ReadOnlySpan<Kernel> table, BlobView blob, OperationRecord* step)
    {
        for (int i = 0; i < table.Length; i++)
        {
            if (table[i].Fits(blob, step))
            {
                return table[i];
            }
        }

        string format = step->Weight < 0 ? "" : $" with a {LayerInfo.NameOf(blob.Weights[step->Weight].Format)} weight";
        throw new System.Diagnostics.UnreachableException($"no kernel for {(int)step->Kind}{format}: the table has one for every valid step");
    }

    private static void AddAll<TOps, TVector>(List<Kernel> table)
        where TOps : struct, IVectorOps<TVector>
        where TVector : unmanaged
    {
        ConvKernels.Add<TOps, TVector>(table);
        LinearKernels.Add<TOps, TVector>(table);
        SlotKernels.Add<TOps, TVector>(table);
    }
}
