using System.Runtime.CompilerServices;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>ReLU, addition and per-channel scale and shift: pixel by pixel, in place or from one layout to another.</summary>
internal static unsafe class Elementwise<TOps, TVector>
    where TOps : struct, IVectorOps<TVector>
    where TVector : unmanaged
{
    public static void Relu(Step* step)
    {
        if (step->Input.Contiguous + step->Output.Contiguous == 2)
        {
            ReluRow(step->Input.Pixels, step->Output.Pixels, step->Output.Count);
            return;
        }

        for (int c = 0; c < step->Output.Channels; c++)
        {
            for (int y = 0; y < step->Output.Height; y++)
            {
                ReluRow(step->Input.Row(c, y), step->Output.Row(c, y), step->Output.Width);
            }
        }
    }

    public static void Add(Step* step)
    {
        float floor = step->Floor;
        if (step->Input.Contiguous + step->Input1.Contiguous + step->Output.Contiguous == 3)
        {
            AddRow(step->Input.Pixels, step->Input1.Pixels, step->Output.Pixels, step->Output.Count, floor);
            return;
        }

        for (int c = 0; c < step->Output.Channels; c++)
        {
            for (int y = 0; y < step->Output.Height; y++)
            {
                AddRow(step->Input.Row(c, y), step->Input1.Row(c, y), step->Output.Row(c, y), step->Output.Width, floor);
            }
        }
    }

    public static void ChannelAffine(Step* step)
    {
        for (int c = 0; c < step->Output.Channels; c++)
        {
            float scale = step->Values[c];
            float shift = step->Bias[c];
            for (int y = 0; y < step->Output.Height; y++)
            {
                AffineRow(step->Input.Row(c, y), step->Output.Row(c, y), step->Output.Width, scale, shift, step->Floor);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ReluRow(float* x, float* y, int count)
    {
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Max(TOps.Zero, TOps.Load(x + i)), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Max(0f, x[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(float* left, float* right, float* y, int count, float floor)
    {
        TVector floors = TOps.Broadcast(floor);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Max(floors, TOps.Add(TOps.Load(left + i), TOps.Load(right + i))), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Max(floor, left[i] + right[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AffineRow(float* x, float* y, int count, float scale, float shift, float floor)
    {
        TVector scales = TOps.Broadcast(scale);
        TVector shifts = TOps.Broadcast(shift);
        TVector floors = TOps.Broadcast(floor);
        int i = 0;
        for (; i + TOps.Count <= count; i += TOps.Count)
        {
            TOps.Store(TOps.Max(floors, TOps.MultiplyAdd(TOps.Load(x + i), scales, shifts)), y + i);
        }

        for (; i < count; i++)
        {
            y[i] = OpsScalar.Max(floor, (x[i] * scale) + shift);
        }
    }
}
