using System.Collections.Immutable;
using System.Globalization;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Onnx;
using EdgeSparse.Compiler.Onnx.Proto;
using EdgeSparse.Runtime;
using Google.Protobuf;

namespace EdgeSparse.Compiler.Verification;

/// <summary>Computes all outputs of a graph, in the graph's order, for values of all its inputs by name.</summary>
/// <exception cref="EdgeSparseException">This way of computing does not support the graph.</exception>
public delegate IReadOnlyList<double[]> RunGraph(Graph graph, IReadOnlyDictionary<string, double[]> inputs);

/// <summary>How a test ended: passed with no reason, else with one line that says why not.</summary>
public sealed record NodeTestOutcome(NodeTestResult Result, string Reason = "");

public enum NodeTestResult
{
    Passed,

    /// <summary>An output has other values, another shape or another element type than it should.</summary>
    Failed,

    /// <summary>The model was refused.</summary>
    Unsupported,
}

/// <summary>
/// One of ONNX's backend tests: a model, and sets of inputs with the outputs they must give.
/// </summary>
public sealed class NodeTest
{
    private readonly byte[] model;
    private readonly ImmutableArray<NodeTestData> dataSets;
    private readonly string? folder;

    private NodeTest(string name, byte[] model, ImmutableArray<NodeTestData> dataSets, string? folder)
    {
        Name = name;
        this.model = model;
        this.dataSets = dataSets;
        this.folder = folder;
    }

    public string Name { get; }

    /// <summary>Reads a folder with model.onnx, test_data_set_K/input_I.pb and test_data_set_K/output_I.pb.</summary>
    /// <exception cref="EdgeSparseException">A file is missing or cannot be read.</exception>
    public static NodeTest Read(string folder)
    {
        try
        {
            Dictionary<string, byte[]> files = [];
            foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                string relative = Path.GetRelativePath(folder, path).Replace('\\', '/');
                if (relative == "model.onnx" || relative.EndsWith(".pb", StringComparison.Ordinal))
                {
                    files.Add(relative, File.ReadAllBytes(path));
                }
            }

            return From(Path.GetFileName(Path.GetFullPath(folder)), files, folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot read the test '{folder}': {error.Message}", error);
        }
    }

    /// <summary>Makes a test of files by their paths within its folder.</summary>
    /// <param name="name">What reports call the test.</param>
    /// <param name="files">As <see cref="Read"/> describes them.</param>
    /// <param name="folder">Where the model's external data lie, if it has any.</param>
    /// <exception cref="EdgeSparseException">There is no model, or no set of data.</exception>
    public static NodeTest From(string name, IReadOnlyDictionary<string, byte[]> files, string? folder = null)
    {
        if (!files.TryGetValue("model.onnx", out byte[]? model))
        {
            throw new EdgeSparseException($"the test '{name}' has no model.onnx");
        }

        ImmutableArray<NodeTestData> sets = [.. Enumerable.Range(0, int.MaxValue)
            .TakeWhile(k => files.Keys.Any(f => f.StartsWith(SetName(k), StringComparison.Ordinal)))
            .Select(k => new NodeTestData(Tensors(files, $"{SetName(k)}input_"), Tensors(files, $"{SetName(k)}output_")))];
        return sets.IsEmpty ? throw new EdgeSparseException($"the test '{name}' has no test_data_set_0") : new NodeTest(name, model, sets, folder);
    }

    /// <summary>Imports the model and compares its outputs for all sets of data.</summary>
    /// <param name="run">How to compute.</param>
    /// <param name="tolerance">How close outputs must be; null for upstream's.</param>
    public NodeTestOutcome Run(RunGraph run, NodeTestTolerance? tolerance = null)
    {
        try
        {
            foreach (NodeTestData data in dataSets)
            {
                if (Difference(data, run, tolerance ?? new NodeTestTolerance()) is { } difference)
                {
                    return new NodeTestOutcome(NodeTestResult.Failed, difference);
                }
            }

            return new NodeTestOutcome(NodeTestResult.Passed);
        }
        catch (Exception error) when (error is EdgeSparseException or InvalidProtocolBufferException)
        {
            return new NodeTestOutcome(NodeTestResult.Unsupported, error.Message);
        }
    }

    private string? Difference(NodeTestData data, RunGraph run, NodeTestTolerance tolerance)
    {
        ImmutableArray<NodeTestTensor> tensors = [.. data.Inputs.Select(NodeTestTensor.Parse)];
        (Graph graph, ImmutableArray<string> names) = Import(data, tensors);
        Dictionary<string, double[]> inputs = [];
        for (int i = 0; i < names.Length && i < tensors.Length; i++)
        {
            inputs[names[i]] = tensors[i].Values;
        }

        IReadOnlyList<double[]> outputs = run(graph, inputs);
        bool isHalf = tensors.Any(t => t.Type == ElementType.Float16) || graph.Types.ContainsValue(ElementType.Float16);
        for (int i = 0; i < data.Outputs.Length; i++)
        {
            NodeTestTensor expected = NodeTestTensor.Parse(data.Outputs[i]);
            if (expected.Difference(graph, i, i < outputs.Count ? outputs[i] : null, tolerance.For(isHalf)) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    /// <summary>Imports; inputs that must be constant become initializers with the test's values.</summary>
    private (Graph Graph, ImmutableArray<string> InputNames) Import(NodeTestData data, ImmutableArray<NodeTestTensor> tensors)
    {
        byte[] bytes = model;
        HashSet<string> fixedInputs = [];
        ImmutableArray<string> names = InputNames(model);
        for (int i = 0; i < names.Length && i < tensors.Length; i++)
        {
            // What has no elements never changes.
            if (tensors[i].Values.Length == 0 && fixedInputs.Add(names[i]))
            {
                bytes = WithInitializer(bytes, names[i], data.Inputs[i]);
            }
        }

        while (true)
        {
            try
            {
                Graph graph = OnnxImporter.Parse(bytes, Name, options: null, folder);
                return (graph, names);
            }
            catch (ConstantNeededException error) when (fixedInputs.Add(error.InputName))
            {
                int index = names.IndexOf(error.InputName);
                bytes = index >= 0 && index < tensors.Length ? WithInitializer(bytes, error.InputName, data.Inputs[index]) : throw new EdgeSparseException(error.Message, error);
            }
        }
    }

    private static byte[] WithInitializer(byte[] bytes, string name, byte[] tensor)
    {
        ModelProto changed = ModelProto.Parser.ParseFrom(bytes);
        TensorProto value = TensorProto.Parser.ParseFrom(tensor);
        value.Name = name;
        changed.Graph.Initializer.Add(value);
        return changed.ToByteArray();
    }

    /// <summary>The file's inputs, without those that had initializers from the start.</summary>
    private static ImmutableArray<string> InputNames(byte[] bytes)
    {
        GraphProto graph = ModelProto.Parser.ParseFrom(bytes).Graph ?? new GraphProto();
        HashSet<string> initializers = [.. graph.Initializer.Select(i => i.Name)];
        return [.. graph.Input.Select(i => i.Name).Where(n => !initializers.Contains(n))];
    }

    private static string SetName(int index) => string.Create(CultureInfo.InvariantCulture, $"test_data_set_{index}/");

    private static ImmutableArray<byte[]> Tensors(IReadOnlyDictionary<string, byte[]> files, string prefix) =>
        [.. Enumerable.Range(0, int.MaxValue).TakeWhile(i => files.ContainsKey($"{prefix}{i}.pb")).Select(i => files[$"{prefix}{i}.pb"])];
}

/// <summary>Serialised tensors of one set of data.</summary>
internal sealed record NodeTestData(ImmutableArray<byte[]> Inputs, ImmutableArray<byte[]> Outputs);
