using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Import;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Onnx;

/// <summary>Reads ONNX models of opset 7 to 25; <see cref="OperatorTable"/> has the operators.</summary>
public static class OnnxImporter
{
    /// <summary>Reads a file; tensors may lie beside it as external data, within its folder.</summary>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or uses what is not supported.</exception>
    /// <exception cref="EdgeSparseException">It cannot be read.</exception>
    public static Graph Read(string path, OnnxImportOptions? options = null)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read the ONNX model '{path}': {error.Message}", error);
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        return Import(bytes, Path.GetFileName(path), new ExternalData(folder), options);
    }

    /// <summary>Reads a model from memory; external data has no place there and is refused.</summary>
    /// <param name="bytes">A serialised ModelProto.</param>
    /// <param name="displayName">What messages call the model.</param>
    /// <param name="options">Shapes that the file leaves open.</param>
    /// <exception cref="OnnxFormatException">It is no ONNX model, or uses what is not supported.</exception>
    public static Graph Parse(ReadOnlySpan<byte> bytes, string displayName, OnnxImportOptions? options = null) =>
        Parse(bytes, displayName, options, folder: null);

    /// <summary>Reads a model from memory whose external data lie in a folder.</summary>
    internal static Graph Parse(ReadOnlySpan<byte> bytes, string displayName, OnnxImportOptions? options, string? folder) =>
        Import(bytes, displayName, new ExternalData(folder), options);

    private static Graph Import(ReadOnlySpan<byte> bytes, string displayName, ExternalData external, OnnxImportOptions? options)
    {
        try
        {
            ModelProto model = ParseModel(bytes);
            int opset = SupportedOpset(model);
            GraphStructure structure = GraphStructure.Check(model.Graph);
            GraphImport import = new(structure, external, opset, bytes.Length + structure.DensifiedBytes);
            import.DeclareInputs(model.Graph, options ?? new OnnxImportOptions());
            foreach (NodeProto node in model.Graph.Node)
            {
                OperatorTable.Import(node, import);
            }

            string name = model.Graph.Name.Length > 0 ? model.Graph.Name : Path.GetFileNameWithoutExtension(displayName);
            return GraphOutputs.Finish(import, name, model);
        }
        catch (ConstantNeededException error)
        {
            throw new ConstantNeededException(error.InputName, $"ONNX model '{displayName}': {error.Message}", error);
        }
        catch (Exception error) when (error is OnnxFormatException or GraphException)
        {
            throw new OnnxFormatException($"ONNX model '{displayName}': {error.Message}", error);
        }
    }

    private static ModelProto ParseModel(ReadOnlySpan<byte> bytes)
    {
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new OnnxFormatException($"is no ONNX model, or is damaged or cut off ({error.Message})", error);
        }

        if (model.Graph is null)
        {
            throw new OnnxFormatException("is no ONNX model, or is cut off: it has no graph");
        }

        return model;
    }

    private static int SupportedOpset(ModelProto model)
    {
        OperatorSetIdProto? standard = model.OpsetImport.FirstOrDefault(o => OperatorTable.IsStandardDomain(o.Domain));
        if (standard is null)
        {
            throw new OnnxFormatException("names no opset of ai.onnx; it is cut off, or no ONNX model");
        }

        return standard.Version is >= OperatorTable.OldestOpset and <= OperatorTable.NewestOpset
            ? (int)standard.Version
            : throw new OnnxFormatException(
                $"has the opset {standard.Version}; supported are {OperatorTable.OldestOpset} to {OperatorTable.NewestOpset}");
    }
}
