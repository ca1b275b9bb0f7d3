using EdgeSparse.Compiler.Onnx.Proto;

namespace EdgeSparse.Compiler.Onnx.Import;

/// <summary>What must hold for the file's graph before any node is looked at, and how often each value is read.</summary>
internal sealed class GraphStructure
{
    private readonly Dictionary<string, int> reads = [];
    private readonly HashSet<string> written;
    private readonly HashSet<string> outputs;
    private readonly HashSet<string> constants;
    private readonly ILookup<string, string> readers;

    private GraphStructure(
        GraphProto graph, IReadOnlyDictionary<string, TensorProto> initializers, IReadOnlyDictionary<string, SparseTensorProto> sparse, HashSet<string> constants)
    {
        SparseInitializers = sparse;
        this.constants = constants;
        Initializers = initializers;
        written = [.. graph.Input.Select(i => i.Name), .. graph.Node.SelectMany(n => n.Output)];
        outputs = [.. graph.Output.Select(o => o.Name)];
        readers = graph.Node.SelectMany(n => n.Input.Select(i => (Value: i, n.OpType))).ToLookup(r => r.Value, r => r.OpType);
        foreach (string value in graph.Node.SelectMany(n => n.Input).Concat(graph.Output.Select(o => o.Name)))
        {
            reads[value] = ReadsOf(value) + 1;
        }
    }

    public IReadOnlyDictionary<string, TensorProto> Initializers { get; }

    public IReadOnlyDictionary<string, SparseTensorProto> SparseInitializers { get; }

    /// <summary>Whether an initializer, dense or sparse, has the name.</summary>
    public bool IsInitializer(string value) => constants.Contains(value);

    /// <summary>Whether an input or a node's output has the name.</summary>
    public bool IsWritten(string value) => written.Contains(value);

    /// <summary>Readers of a value; being an output of the graph counts as one.</summary>
    public int ReadsOf(string value) => reads.GetValueOrDefault(value);

    /// <summary>Whether the file has the name for anything.</summary>
    public bool IsKnown(string value) => IsWritten(value) || IsOutput(value) || IsInitializer(value);

    public bool IsOutput(string value) => outputs.Contains(value);

    /// <summary>Whether a value is read, and by nodes of one operator alone.</summary>
    public bool IsOnlyReadBy(string value, string operation) =>
        !IsOutput(value) && readers[value].Any() && readers[value].All(o => o == operation);

    /// <exception cref="OnnxFormatException">
    /// An operator is unsupported, a name is written twice or never, or nodes do not stand in topological order.
    /// </exception>
    public static GraphStructure Check(GraphProto graph)
    {
        foreach (NodeProto node in graph.Node)
        {
            OperatorTable.CheckSupported(node);
        }

        Dictionary<string, TensorProto> initializers = [];
        foreach (TensorProto tensor in graph.Initializer)
        {
            if (!initializers.TryAdd(tensor.Name, tensor))
            {
                throw new OnnxFormatException($"has two initializers named '{tensor.Name}'");
            }
        }

        Dictionary<string, SparseTensorProto> sparse = [];
        foreach (SparseTensorProto tensor in graph.SparseInitializer)
        {
            string name = tensor.Values?.Name ?? throw new OnnxFormatException("has a sparse initializer without values");
            if (initializers.ContainsKey(name) || !sparse.TryAdd(name, tensor))
            {
                throw new OnnxFormatException($"has two initializers named '{name}'");
            }
        }

        HashSet<string> constants = [.. initializers.Keys, .. sparse.Keys];
        CheckNames(graph, constants);
        return new GraphStructure(graph, initializers, sparse, constants);
    }

    private static void CheckNames(GraphProto graph, HashSet<string> initializers)
    {
        HashSet<string> inputs = [];
        foreach (ValueInfoProto input in graph.Input)
        {
            if (!inputs.Add(input.Name))
            {
                throw new OnnxFormatException($"has two inputs named '{input.Name}'");
            }
        }

        Dictionary<string, NodeProto> writers = [];
        foreach (NodeProto node in graph.Node)
        {
            foreach (string output in node.Output.Where(o => o.Length > 0))
            {
                if (inputs.Contains(output) || initializers.Contains(output) || !writers.TryAdd(output, node))
                {
                    throw new OnnxFormatException($"node '{OnnxNode.NameOf(node)}' ({node.OpType}) writes '{output}', which is written already");
                }
            }
        }

        HashSet<string> known = [.. inputs, .. initializers];
        foreach (NodeProto node in graph.Node)
        {
            foreach (string input in node.Input.Where(i => i.Length > 0 && !known.Contains(i)))
            {
                throw new OnnxFormatException($"node '{OnnxNode.NameOf(node)}' ({node.OpType}) reads '{input}', " + (
                    !writers.TryGetValue(input, out NodeProto? writer) ? "which is neither an input nor an initializer, and no node writes it"
                    : DependsOn(writer, node, writers) ? $"which depends on its own output: the graph has a cycle through '{OnnxNode.NameOf(writer)}'"
                    : $"which '{OnnxNode.NameOf(writer)}' writes only later; nodes must stand in topological order"));
            }

            known.UnionWith(node.Output);
        }
    }

    private static bool DependsOn(NodeProto node, NodeProto ancestor, Dictionary<string, NodeProto> writers)
    {
        HashSet<NodeProto> seen = new(ReferenceEqualityComparer.Instance);
        Stack<NodeProto> open = new([node]);
        while (open.TryPop(out NodeProto? next))
        {
            if (ReferenceEquals(next, ancestor))
            {
                return true;
            }

            if (seen.Add(next))
            {
                foreach (string input in next.Input)
                {
                    if (writers.TryGetValue(input, out NodeProto? writer))
                    {
                        open.Push(writer);
                    }
                }
            }
        }

        return false;
    }
}
