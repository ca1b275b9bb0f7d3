using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Zoo;

/// <summary>A network that the zoo can make.</summary>
/// <param name="Name">What recipes and the command line call it.</param>
/// <param name="Description">One line with the source.</param>
/// <param name="Input">The input it was published for, batch symbolic.</param>
/// <param name="Classes">The classes it was published for.</param>
/// <param name="WeightCount">Weights of convolutions and fully connected layers at that input, biases not counted.</param>
public sealed record ZooEntry(string Name, string Description, TensorShape Input, int Classes, long WeightCount);
