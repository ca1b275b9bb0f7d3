using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx;

/// <summary>What an ONNX file may leave open.</summary>
/// <param name="InputShapes">
/// Shapes of inputs by name, for files with symbolic dimensions other than the batch; under <see cref="OnlyInput"/> that of the
/// one input of a file that has no more.
/// </param>
public sealed record OnnxImportOptions(ImmutableDictionary<string, TensorShape>? InputShapes = null)
{
    /// <summary>Stands for the name of an only input.</summary>
    public const string OnlyInput = "";
}
