using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf.Collections;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>
/// A constant of the model: an initializer, dense or sparse, the value of a Constant node, one number many times, what was computed of these, or
/// one of these in another shape. Values are decoded or made when they are asked for.
/// </summary>
internal sealed class ConstantTensor
{
    /// <summary>Stands in an integer constant for the open batch, where a file computes with the shape of an activation.</summary>
    public const long OpenBatch = long.MinValue + 0x5E7_BA7C4;

    private readonly TensorValues values;

    private ConstantTensor(TensorValues values, ImmutableArray<int> dims)
    {
        this.values = values;
        Dims = dims;
        ElementCount = (int)dims.Aggregate(1L, (product, d) => product * d);
    }

    /// <summary>Dimensions, outermost first; empty for a scalar; a dimension may be 0.</summary>
    public ImmutableArray<int> Dims { get; }

    public int ElementCount { get; }

    /// <summary>Bfloat16 counts as float.</summary>
    /// <exception cref="OnnxFormatException">The file's type is none that tensors of a network have.</exception>
    public ElementType Type => values.Type;

    public bool IsFloat => Type is ElementType.Float32 or ElementType.Float16 or ElementType.Float64;

    /// <summary>Whether values exist already or are in the file; else they are still to be made of one number.</summary>
    public bool IsStored => values is not RepeatedValues;

    /// <exception cref="OnnxFormatException">A dimension is negative, or the product is not what 32 bits can count.</exception>
    public static ConstantTensor From(TensorProto proto, ExternalData external)
    {
        ImmutableArray<int> dims = Checked(proto.Name, proto.Dims);
        return new ConstantTensor(new FileValues(proto, external, dims, (int)dims.Aggregate(1L, (product, d) => product * d)), dims);
    }

    /// <summary>A sparse initializer; its name is that of its values.</summary>
    /// <param name="proto">Values and indices.</param>
    /// <param name="external">Where either may lie.</param>
    /// <param name="count">Told how many elements are made, whenever they are.</param>
    public static ConstantTensor From(SparseTensorProto proto, ExternalData external, Action<long> count)
    {
        ImmutableArray<int> dims = Checked(proto.Values.Name, proto.Dims);
        ConstantTensor indices = From(proto.Indices ?? new TensorProto(), external);
        return new ConstantTensor(new SparseValues(proto.Values.Name, From(proto.Values, external), indices, dims, count), dims);
    }

    /// <summary>One number everywhere.</summary>
    /// <param name="value">A float constant of one element, or an integer one.</param>
    /// <param name="dims">None is negative.</param>
    /// <param name="count">Told how many elements are made, whenever they are.</param>
    /// <exception cref="OnnxFormatException">The product of the dimensions is not what 32 bits can count.</exception>
    public static ConstantTensor Repeated(ConstantTensor value, ImmutableArray<int> dims, Action<long> count)
    {
        double elements = dims.Aggregate(1.0, (product, d) => product * d);
        return elements <= int.MaxValue
            ? new ConstantTensor(new RepeatedValues(value.values, (int)elements, count), dims)
            : throw new OnnxFormatException($"a constant would have the dimensions {Describe(dims)}, which are too many elements");
    }

    public static ConstantTensor Of(ImmutableArray<int> dims, ElementType type, float[] values) => new(new FloatValues(type, values), dims);

    public static ConstantTensor Of(ImmutableArray<int> dims, ElementType type, long[] values) => new(new IntegerValues(type, values), dims);

    /// <summary>A vector of int64, as shapes are.</summary>
    public static ConstantTensor Vector(params long[] values) => Of([values.Length], ElementType.Int64, values);

    /// <summary>The same values, row-major, in other dimensions of the same product.</summary>
    public ConstantTensor Reshaped(ImmutableArray<int> dims) => new(values, dims);

    /// <summary>The values of a float, double, float16 or bfloat16 tensor as fp32.</summary>
    /// <exception cref="OnnxFormatException">It has another type, or its data do not match its dimensions.</exception>
    public float[] Floats() => values.Floats();

    /// <summary>The values of a tensor of integers of any width, or of bool.</summary>
    /// <exception cref="OnnxFormatException">It has another type, or its data do not match its dimensions.</exception>
    public long[] Integers() => values.Integers();

    /// <summary>The values of any type, rounded to double precision.</summary>
    public double[] Doubles() => IsFloat ? Array.ConvertAll(Floats(), v => (double)v) : Array.ConvertAll(Integers(), v => (double)v);

    /// <summary>Whether the values depend on the open batch.</summary>
    public bool DependsOnBatch() => IsStored && (Type is ElementType.Int64 or ElementType.Int32) && Integers().Contains(OpenBatch);

    /// <summary>The dimensions as a shape.</summary>
    /// <exception cref="GraphException">One is 0.</exception>
    public TensorShape Shape => new(Dims.AsSpan());

    /// <summary>For example <c>10×3</c>, or <c>scalar</c>.</summary>
    public static string Describe(ImmutableArray<int> dims) => dims.IsEmpty ? "scalar" : string.Join('×', dims);

    private static ImmutableArray<int> Checked(string name, RepeatedField<long> given)
    {
        long count = 1;
        var dims = ImmutableArray.CreateBuilder<int>(given.Count);
        foreach (long dim in given)
        {
            if (dim is < 0 or > int.MaxValue || (count *= dim) > int.MaxValue)
            {
                throw new OnnxFormatException($"tensor '{name}' has the dimensions {string.Join('×', given.Take(8))}, which cannot be");
            }

            dims.Add((int)dim);
        }

        return dims.DrainToImmutable();
    }
}
