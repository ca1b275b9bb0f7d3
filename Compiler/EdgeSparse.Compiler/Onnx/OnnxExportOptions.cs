namespace EdgeSparse.Compiler.Onnx;

/// <summary>How a graph is written.</summary>
/// <param name="SparseInitializers">
/// Weights with so many zeros that they are smaller that way are written as sparse tensors: the values that are not zero and their
/// row-major places. 12 bytes a value that is not zero instead of 4 a value: it pays below a third.
/// </param>
public sealed record OnnxExportOptions(bool SparseInitializers = false);
