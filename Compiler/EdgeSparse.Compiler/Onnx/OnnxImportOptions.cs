using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx;

/// <summary>What an ONNX file may leave open.</summary>
/// <param name="InputShapes">Shapes of inputs by name, for files with symbolic dimensions other than the batch.</param>
public sealed record OnnxImportOptions(ImmutableDictionary<string, TensorShape>? InputShapes = null);
