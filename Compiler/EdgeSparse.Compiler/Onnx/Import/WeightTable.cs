using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>The weights of the graph that is built, and how many elements a file may make of what it holds.</summary>
/// <param name="structure">The file's names.</param>
/// <param name="external">Counts the bytes beside the file.</param>
/// <param name="fileBytes">The file's size.</param>
internal sealed class WeightTable(GraphStructure structure, ExternalData external, long fileBytes)
{
    // Layers may share a constant and each need it in another form. A file that asks for more of these than any network does
    // would make gigabytes of weights from a few kilobytes.
    private const long ElementsPerByte = 4;
    private const long WeightsOfAnyFile = 1 << 20;
    private const long ComputedOfAnyFile = 1 << 24;

    // Networks without their weights say "this many ones" instead, and that is an honest use.
    private const long RepeatedOfAnyFile = 1 << 28;

    private readonly Dictionary<string, Weight> weights = [];
    private long weightElements;
    private long computedElements;
    private long repeatedElements;

    public IReadOnlyDictionary<string, Weight> All => weights;

    private long Accounted => ElementsPerByte * (fileBytes + external.BytesRead);

    /// <summary>Makes a weight, under the file's name for it unless other values have that name already.</summary>
    /// <param name="node">Whom messages blame.</param>
    /// <param name="name">The name wanted.</param>
    /// <param name="shape">The weight's shape.</param>
    /// <param name="values">All finite, but for constants that are operands.</param>
    /// <param name="isTaken">Whether an activation has a name.</param>
    /// <param name="isOperand">Whether it is the value of a constant node, which may be infinite, as masks are, or no number.</param>
    /// <returns>The name that it has in the graph.</returns>
    public string Add(OnnxNode node, string name, TensorShape shape, ReadOnlySpan<float> values, Func<string, bool> isTaken, bool isOperand = false)
    {
        for (int i = 0; i < values.Length && !isOperand; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw node.Fail($"has {values[i]} as element {i} of '{name}'; weights must be finite");
            }
        }

        string free = name;
        for (int i = 2; weights.TryGetValue(free, out Weight? other) || isTaken(free) || IsTakenByFile(free, name); i++)
        {
            if (other is not null && other.Shape == shape && other.Values.Span.SequenceEqual(values))
            {
                return free;
            }

            free = $"{name}_{i}";
        }

        weightElements += values.Length;
        if (weightElements > WeightsOfAnyFile + repeatedElements + Accounted)
        {
            throw node.Fail($"brings the weights to {weightElements}, more than a file of {fileBytes + external.BytesRead} bytes accounts for");
        }

        weights.Add(free, new Weight(free, shape, values));
        return free;
    }

    /// <summary>Counts elements of a constant that is about to be computed from others.</summary>
    public void CountComputed(OnnxNode node, long elements)
    {
        computedElements += elements;
        if (computedElements > ComputedOfAnyFile + Accounted)
        {
            throw node.Fail($"brings the computed constants to {computedElements} elements, more than a file of {fileBytes + external.BytesRead} bytes accounts for");
        }
    }

    /// <summary>Counts elements of a constant that is about to be made of one number.</summary>
    public void CountRepeated(long elements)
    {
        repeatedElements += elements;
        if (repeatedElements > RepeatedOfAnyFile)
        {
            throw new OnnxFormatException($"repeats numbers to {repeatedElements} elements; at most {RepeatedOfAnyFile} are supported");
        }
    }

    private bool IsTakenByFile(string free, string name) =>
        structure.IsOutput(free) || (free != name && (structure.IsWritten(free) || structure.IsInitializer(free)));
}
