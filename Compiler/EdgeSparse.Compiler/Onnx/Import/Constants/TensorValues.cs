using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>Where the values of a constant come from.</summary>
internal abstract class TensorValues
{
    public abstract ElementType Type { get; }

    /// <exception cref="OnnxFormatException">They are no floats.</exception>
    public abstract float[] Floats();

    /// <exception cref="OnnxFormatException">They are no integers.</exception>
    public abstract long[] Integers();
}

/// <summary>Floats that were computed.</summary>
internal sealed class FloatValues(ElementType type, float[] values) : TensorValues
{
    public override ElementType Type => type;

    public override float[] Floats() => [.. values];

    public override long[] Integers() => throw new OnnxFormatException($"a computed constant holds {type}; integers are supported here");
}

/// <summary>Integers that were computed.</summary>
internal sealed class IntegerValues(ElementType type, long[] values) : TensorValues
{
    public override ElementType Type => type;

    public override float[] Floats() => throw new OnnxFormatException($"a computed constant holds {type}; floats are supported here");

    public override long[] Integers() => [.. values];
}

/// <summary>One number many times, made when asked for.</summary>
internal sealed class RepeatedValues(TensorValues one, int count, Action<long> counted) : TensorValues
{
    public override ElementType Type => one.Type;

    public override float[] Floats() => Repeat(one.Floats());

    public override long[] Integers() => Repeat(one.Integers());

    private T[] Repeat<T>(T[] value)
    {
        counted(count);
        T[] values = new T[count];
        values.AsSpan().Fill(value[0]);
        return values;
    }
}
