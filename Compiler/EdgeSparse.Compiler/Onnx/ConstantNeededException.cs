namespace EdgeSparse.Compiler.Onnx;

/// <summary>
/// An input of the graph stands where only a constant is supported. Whoever knows a value that never changes can make it an
/// initializer of that name and import again.
/// </summary>
public sealed class ConstantNeededException : OnnxFormatException
{
    internal ConstantNeededException(string inputName, string message)
        : base(message) => InputName = inputName;

    internal ConstantNeededException(string inputName, string message, Exception inner)
        : base(message, inner) => InputName = inputName;

    /// <summary>The input's name in the file.</summary>
    public string InputName { get; }
}
