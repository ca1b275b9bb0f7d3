using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Inputs;

/// <summary>Element types of NumPy files that are read.</summary>
public enum NpyElement
{
    Bool,
    UInt8,
    Int8,
    Int16,
    Int32,
    Int64,
    Float16,
    Float32,
    Float64,
}

/// <summary>A NumPy array.</summary>
/// <param name="Shape">Outermost first; empty for a single number.</param>
/// <param name="ElementType">What the bytes are.</param>
/// <param name="Data">Row-major (C order), little-endian whatever the file's byte order was.</param>
public sealed record NpyArray(ImmutableArray<int> Shape, NpyElement ElementType, byte[] Data)
{
    /// <summary>Bytes of one element.</summary>
    public int ElementSize => SizeOf(ElementType);

    /// <summary>Number of elements.</summary>
    public int Count => Data.Length / ElementSize;

    /// <summary>The elements as fp32: exact for float16, bytes and bool, rounded to nearest for wider types.</summary>
    public float[] ToFloats()
    {
        float[] values = new float[Count];
        switch (ElementType)
        {
            case NpyElement.Bool:
            case NpyElement.UInt8:
                Convert<byte>(values, v => v);
                break;
            case NpyElement.Int8:
                Convert<sbyte>(values, v => v);
                break;
            case NpyElement.Int16:
                Convert<short>(values, v => v);
                break;
            case NpyElement.Int32:
                Convert<int>(values, v => v);
                break;
            case NpyElement.Int64:
                Convert<long>(values, v => v);
                break;
            case NpyElement.Float16:
                Convert<Half>(values, v => (float)v);
                break;
            case NpyElement.Float64:
                Convert<double>(values, v => (float)v);
                break;
            default:
                MemoryMarshal.Cast<byte, float>(Data).CopyTo(values);
                break;
        }

        return values;
    }

    internal static int SizeOf(NpyElement type) => type switch
    {
        NpyElement.Bool or NpyElement.UInt8 or NpyElement.Int8 => 1,
        NpyElement.Int16 or NpyElement.Float16 => 2,
        NpyElement.Int32 or NpyElement.Float32 => 4,
        _ => 8,
    };

    private void Convert<T>(float[] values, Func<T, float> toFloat)
        where T : unmanaged
    {
        ReadOnlySpan<T> elements = MemoryMarshal.Cast<byte, T>(Data);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = toFloat(elements[i]);
        }
    }
}
