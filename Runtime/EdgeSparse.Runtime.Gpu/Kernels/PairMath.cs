using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Gpu.Kernels;

/// <summary>The functions of two elements.</summary>
internal static class PairMath
{
    public static float Of(int function, float x, float y)
    {
        switch ((ElementFunction)function)
        {
            case ElementFunction.Add:
                return x + y;
            case ElementFunction.Sub:
                return x - y;
            case ElementFunction.Mul:
                return x * y;
            case ElementFunction.Div:
                return x / y;
            case ElementFunction.IntegerDiv:
                return DeviceMath.Truncate(x / y);
            case ElementFunction.Pow:
                return DeviceMath.Pow(x, y);
            case ElementFunction.Min:
                return DeviceMath.Min(x, y);
            case ElementFunction.Max:
                return DeviceMath.Max(x, y);
            case ElementFunction.PRelu:
                return x >= 0f ? x : x * y;
            case ElementFunction.Fmod:
                return DeviceMath.Remainder(x, y);
            case ElementFunction.Mod:
                return Modulus(x, y);
            case ElementFunction.Equal:
                return One(x == y);
            case ElementFunction.Less:
                return One(x < y);
            case ElementFunction.LessOrEqual:
                return One(x <= y);
            case ElementFunction.Greater:
                return One(x > y);
            case ElementFunction.GreaterOrEqual:
                return One(x >= y);
            case ElementFunction.And:
                return One(x != 0f & y != 0f);
            case ElementFunction.Or:
                return One(x != 0f | y != 0f);
            default:
                return One((x != 0f) ^ (y != 0f));
        }
    }

    private static float Modulus(float x, float y)
    {
        float remainder = DeviceMath.Remainder(x, y);
        return remainder != 0f && (remainder < 0f) != (y < 0f) ? remainder + y : remainder;
    }

    private static float One(bool condition) => condition ? 1f : 0f;
}
