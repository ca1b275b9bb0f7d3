using System.Runtime.CompilerServices;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Activation, addition and per-channel scale and shift: element by element, in place or from one layout to another of the same
/// regions. Lanes beyond the map are computed with the others.
/// </summary>
internal static unsafe class Elementwise<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    /// <summary>Elements that are activated soon after they were stored, while they are in the first-level cache.</summary>
    private const int Piece = 1024;

    public static void Activate(Step* step, int worker, int workers) => Run(step, worker, workers, OperationKind.Activate);

    public static void Add(Step* step, int worker, int workers) => Run(step, worker, workers, OperationKind.Add);

    public static void ChannelAffine(Step* step, int worker, int workers) => Run(step, worker, workers, OperationKind.ChannelAffine);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run(Step* step, int worker, int workers, OperationKind kind)
    {
        ref readonly Planes x = ref step->Input;
        ref readonly Planes z = ref kind == OperationKind.Add ? ref step->Input1 : ref x;
        ref readonly Planes y = ref step->Output;
        int length = y.RegionX * y.Lanes;
        int rows = y.RegionY;
        int channels = y.Channels;
        if (x.RowStride == length && z.RowStride == length && y.RowStride == length)
        {
            length *= rows;
            rows = 1;
        }

        bool isVector = rows == 1 && length == 1;
        if ((kind != OperationKind.ChannelAffine || isVector)
            && x.ChannelStride == length && z.ChannelStride == length && y.ChannelStride == length)
        {
            length *= channels;
            channels = 1;
        }

        if (channels == 1)
        {
            // Shared by pieces, not by rows: there may be few of those.
            int pieces = (length + Piece - 1) / Piece;
            (int first, int end) = WorkerRange.Of(checked(rows * pieces), worker, workers);
            for (int i = first; i < end; i++)
            {
                (int ry, int at) = (i / pieces, i % pieces * Piece);
                int count = Math.Min(Piece, length - at);
                Row(step, kind, isVector, x.Slot(0, ry, 0) + at, z.Slot(0, ry, 0) + at, y.Slot(0, ry, 0) + at, count, isVector ? at : 0);
            }

            return;
        }

        (int firstChannel, int endChannel) = WorkerRange.Of(y.Channels, worker, workers);
        for (int c = firstChannel; c < endChannel; c++)
        {
            for (int ry = 0; ry < rows; ry++)
            {
                Row(step, kind, false, x.Slot(c, ry, 0), z.Slot(c, ry, 0), y.Slot(c, ry, 0), length, c);
            }
        }
    }

    /// <summary>A run of elements; <paramref name="isVector"/> says that each is a channel of its own, from that channel on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(Step* step, OperationKind kind, bool isVector, float* x, float* z, float* y, int count, int channel)
    {
        switch (kind)
        {
            case OperationKind.Activate:
                ActivateRow(step, x, y, count);
                break;
            case OperationKind.Add:
                AddRow(step, x, z, y, count);
                break;
            case OperationKind.ChannelAffine when isVector:
                AffineVector(step, x, y, count, step->Values + channel, step->Bias + channel);
                break;
            default:
                AffineRow(step, x, y, count, step->Values[channel], step->Bias[channel]);
                break;
        }

        if (!Activations.IsClamp(step->Activation))
        {
            Activations.Apply(y, count, step->Activation, step->ActivationA, step->ActivationB);
        }
    }

    private static void ActivateRow(Step* step, float* x, float* y, int count)
    {
        TVector low = TOps.Broadcast(step->Low);
        TVector high = TOps.Broadcast(step->High);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Min(high, TOps.Max(low, TOps.Load(x + i))), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Clamp(step, x[i]);
        }
    }

    private static void AddRow(Step* step, float* left, float* right, float* y, int count)
    {
        TVector low = TOps.Broadcast(step->Low);
        TVector high = TOps.Broadcast(step->High);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Min(high, TOps.Max(low, TOps.Add(TOps.Load(left + i), TOps.Load(right + i)))), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Clamp(step, left[i] + right[i]);
        }
    }

    private static void AffineRow(Step* step, float* x, float* y, int count, float scale, float shift)
    {
        TVector low = TOps.Broadcast(step->Low);
        TVector high = TOps.Broadcast(step->High);
        TVector scales = TOps.Broadcast(scale);
        TVector shifts = TOps.Broadcast(shift);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Min(high, TOps.Max(low, TOps.MultiplyAdd(TOps.Load(x + i), scales, shifts))), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Clamp(step, (x[i] * scale) + shift);
        }
    }

    private static void AffineVector(Step* step, float* x, float* y, int count, float* scale, float* shift)
    {
        TVector low = TOps.Broadcast(step->Low);
        TVector high = TOps.Broadcast(step->High);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TVector scaled = TOps.MultiplyAdd(TOps.Load(x + i), TOps.Load(scale + i), TOps.Load(shift + i));
            TOps.Store(TOps.Min(high, TOps.Max(low, scaled)), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Clamp(step, (x[i] * scale[i]) + shift[i]);
        }
    }
}
