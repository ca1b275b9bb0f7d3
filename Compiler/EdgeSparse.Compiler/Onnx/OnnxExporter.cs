using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx.Export;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Onnx;

/// <summary>
/// Writes graphs as ONNX of opset 21 (IR version 10), operators of ai.onnx only. Pruned weights are zeros, or left out where sparse
/// tensors are asked for; Dropout is left out. The same graph gives the same bytes, and importing them gives the same layers and
/// weights.
/// </summary>
public static class OnnxExporter
{
    public const int Opset = 21;

    private const int IrVersion = 10;

    /// <exception cref="GraphException">The graph cannot be said in this opset, or exceeds the 2 GB of one ONNX file.</exception>
    public static byte[] ToBytes(Graph graph, OnnxExportOptions? options = null)
    {
        ModelProto model = new()
        {
            IrVersion = IrVersion,
            ProducerName = "EdgeSparse",
            Graph = GraphExport.Export(graph, options ?? new OnnxExportOptions()),
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        foreach ((string key, string value) in graph.Metadata)
        {
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        return model.ToByteArray();
    }

    /// <exception cref="GraphException">The graph cannot be exported.</exception>
    /// <exception cref="EdgeSparseException">The file cannot be written; nothing is left behind.</exception>
    public static void Write(Graph graph, string path, OnnxExportOptions? options = null)
    {
        byte[] bytes = ToBytes(graph, options);
        AtomicFile.Write(path, bytes);
    }
}
