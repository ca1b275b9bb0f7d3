using System.Collections.Immutable;
using System.Text.RegularExpressions;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Verification;

/// <summary>One test and how it ended.</summary>
public sealed record ConformanceTest(string Name, NodeTestResult Result, string Reason);

/// <summary>Tests that ended in the same way for the same reason.</summary>
/// <param name="Reason">Without the names that differ from test to test.</param>
public sealed record ConformanceReason(NodeTestResult Result, string Reason, int Count);

/// <summary>How all tests ended.</summary>
/// <param name="Reasons">Of those that did not pass, the most frequent first.</param>
public sealed record ConformanceReport(
    int Passed, int Failed, int Unsupported, ImmutableArray<ConformanceReason> Reasons, ImmutableArray<ConformanceTest> Tests);

/// <summary>Runs ONNX's backend tests through importer, packer and runtime.</summary>
public static partial class Conformance
{
    private const string UnreadInput = "edgesparse.unread";

    /// <param name="tests">See <see cref="NodeTestSource"/>.</param>
    /// <param name="options">How to pack.</param>
    /// <param name="tolerance">How close outputs must be.</param>
    /// <param name="progress">Told once a test.</param>
    /// <param name="cancellation">Checked between tests.</param>
    public static ConformanceReport Run(
        IReadOnlyList<NodeTest> tests, PackOptions options, NodeTestTolerance tolerance, IProgressSink progress,
        CancellationToken cancellation = default)
    {
        using IProgressTask task = progress.Begin("running backend tests", tests.Count, "tests");
        List<ConformanceTest> results = [];
        foreach (NodeTest test in tests)
        {
            cancellation.ThrowIfCancellationRequested();
            NodeTestOutcome outcome = test.Run((graph, inputs) => RunPacked(graph, inputs, options), tolerance);
            results.Add(new ConformanceTest(test.Name, outcome.Result, outcome.Reason));
            task.Advance();
        }

        return new ConformanceReport(
            results.Count(r => r.Result == NodeTestResult.Passed),
            results.Count(r => r.Result == NodeTestResult.Failed),
            results.Count(r => r.Result == NodeTestResult.Unsupported),
            [
                .. results
                    .Where(r => r.Result != NodeTestResult.Passed)
                    .GroupBy(r => (r.Result, Reason: InGeneral(r.Reason)))
                    .Select(g => new ConformanceReason(g.Key.Result, g.Key.Reason, g.Count()))
                    .OrderBy(r => r.Result).ThenByDescending(r => r.Count).ThenBy(r => r.Reason, StringComparer.Ordinal),
            ],
            [.. results]);
    }

    /// <summary>A graph's outputs as a blob computes them.</summary>
    /// <exception cref="EdgeSparseException">It cannot be packed, or an input has another number of values.</exception>
    public static IReadOnlyList<double[]> RunPacked(Graph graph, IReadOnlyDictionary<string, double[]> inputs, PackOptions options)
    {
        using var model = Model.FromBytes(Packer.Pack(WithInput(graph), options).Bytes.Span);
        using Session session = model.CreateSession();
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            session.SetInput(i, Array.ConvertAll(model.Inputs[i].Name == UnreadInput ? [0] : inputs[model.Inputs[i].Name], v => (float)v));
        }

        session.Run();
        List<double[]> outputs = [];
        for (int i = 0; i < model.Outputs.Count; i++)
        {
            float[] values = new float[model.Outputs[i].ElementCount];
            session.GetOutput(i, values);
            outputs.Add(Array.ConvertAll(values, v => (double)v));
        }

        return outputs;
    }

    /// <summary>A blob has an input; where all that a test feeds has become constant, one that nothing reads.</summary>
    private static Graph WithInput(Graph graph) => graph.Inputs.IsEmpty
        ? new Graph(graph.Name, [new GraphValue(UnreadInput, new TensorShape(1))], graph.Outputs, graph.Nodes, graph.Weights, graph.Metadata)
        : graph;

    /// <summary>A reason without the model's name, names of nodes and values, shapes, and what is supported instead.</summary>
    internal static string InGeneral(string reason)
    {
        string text = ModelName().Replace(reason, "");
        text = Shape().Replace(QuotedName().Replace(text, "'…'"), "…");
        int advice = text.IndexOf("; docs/", StringComparison.Ordinal);
        return advice < 0 ? text : text[..advice];
    }

    [GeneratedRegex("^ONNX model '[^']*': ")]
    private static partial Regex ModelName();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex QuotedName();

    [GeneratedRegex("[0-9N]+(×[0-9]+)+")]
    private static partial Regex Shape();
}
