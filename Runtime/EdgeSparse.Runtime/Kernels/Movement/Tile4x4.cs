using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>Four rows of four elements become four columns.</summary>
internal static unsafe class Tile4x4
{
    /// <summary>Stores the columns of the matrix whose rows are a, b, c and d.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(
        Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* first, float* second, float* third, float* fourth)
    {
        Vector128<float> abLow;
        Vector128<float> abHigh;
        Vector128<float> cdLow;
        Vector128<float> cdHigh;
        if (Sse.IsSupported)
        {
            (abLow, abHigh, cdLow, cdHigh) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b), Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
        }
        else if (AdvSimd.Arm64.IsSupported)
        {
            (abLow, abHigh) = (AdvSimd.Arm64.ZipLow(a, b), AdvSimd.Arm64.ZipHigh(a, b));
            (cdLow, cdHigh) = (AdvSimd.Arm64.ZipLow(c, d), AdvSimd.Arm64.ZipHigh(c, d));
        }
        else
        {
            (abLow, abHigh) = (Vector128.Create(a[0], b[0], a[1], b[1]), Vector128.Create(a[2], b[2], a[3], b[3]));
            (cdLow, cdHigh) = (Vector128.Create(c[0], d[0], c[1], d[1]), Vector128.Create(c[2], d[2], c[3], d[3]));
        }

        Halves(abLow, cdLow, first, second);
        Halves(abHigh, cdHigh, third, fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector128<float> left, Vector128<float> right, float* low, float* high)
    {
        if (Sse.IsSupported)
        {
            Sse.MoveLowToHigh(left, right).Store(low);
            Sse.MoveHighToLow(right, left).Store(high);
        }
        else
        {
            Vector128.Create(left.GetLower(), right.GetLower()).Store(low);
            Vector128.Create(left.GetUpper(), right.GetUpper()).Store(high);
        }
    }
}
