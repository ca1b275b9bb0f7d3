namespace EdgeSparse.Runtime.Kernels;

/// <summary>Copies a constant from the blob into the arena, once, when a session is made.</summary>
internal static unsafe class Constant
{
    public static void Run(Step* step, int worker, int workers) =>
        Rows.Copy((float*)step->Parameters, step->Output.Slots, step->Output.Count);
}
