using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Training;

/// <summary>Training that cannot go on: a loss that is no number, a checkpoint of another run, a graph that cannot be trained.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : EdgeSparseException(message, inner);
