using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>The last step of an import: outputs under their names, metadata, and the graph.</summary>
internal static class GraphOutputs
{
    /// <summary>Metadata: how many pairs of QuantizeLinear and DequantizeLinear were left out.</summary>
    public const string QuantizationKey = "edgesparse.import.fp32";

    /// <exception cref="OnnxFormatException">An output is written by nothing or without elements, or metadata repeat a key.</exception>
    public static Graph Finish(GraphImport import, string name, ModelProto model)
    {
        HashSet<string> outputs = [];
        foreach (string output in model.Graph.Output.Select(o => o.Name))
        {
            if (!outputs.Add(output))
            {
                throw new OnnxFormatException($"has two outputs named '{output}'");
            }

            Write(import, output, outputs);
        }

        var metadata = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            if (!metadata.TryAdd(entry.Key, entry.Value))
            {
                throw new OnnxFormatException($"has the metadata '{entry.Key}' twice");
            }
        }

        if (import.DroppedQuantizations > 0)
        {
            metadata[QuantizationKey] = string.Create(
                CultureInfo.InvariantCulture, $"{import.DroppedQuantizations} quantisations of activations left out; computed in fp32");
        }

        // A merged bias or a rewritten node may have left weights that nothing reads.
        HashSet<string> used = [.. import.Nodes.SelectMany(n => n.WeightNames)];
        return new Graph(
            name, [.. import.Inputs], [.. model.Graph.Output.Select(o => o.Name)], [.. import.Nodes],
            import.Weights.Where(w => used.Contains(w.Key)).ToImmutableDictionary(), metadata.ToImmutable());
    }

    /// <summary>Sees to it that an activation has the output's name: the writer writes it, or a copy does.</summary>
    private static void Write(GraphImport import, string output, HashSet<string> outputs)
    {
        (string? activation, ConstantTensor? constant) = import.Lookup(output);
        OnnxNode source = new(new NodeProto { OpType = "Identity", Name = output, Output = { output } }, import.Opset);
        if (constant is not null)
        {
            if (constant.ElementCount == 0)
            {
                throw new OnnxFormatException($"output '{output}' has no elements ({ConstantTensor.Describe(constant.Dims)}), which is not supported");
            }

            import.PlaceConstantOutput(source, constant);
        }
        else if (activation is null)
        {
            throw new OnnxFormatException($"output '{output}' is written by no node");
        }
        else if (activation != output && import.WriterOf(activation) is not null && !outputs.Contains(activation))
        {
            import.Rename(activation, output);
        }
        else if (activation != output)
        {
            import.Emit(source, name => new Reshape(name, activation, output, import.ShapeOf(activation)));
        }
    }
}
