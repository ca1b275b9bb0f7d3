using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Verification;

namespace EdgeSparse.Compiler.Tests.Onnx;

/// <summary>
/// The official tests of single operators, one case each: import and evaluation give the official outputs, or the test is listed
/// in unsupported-node-tests.txt with the reason. A listed test that passes fails here until it is off the list.
/// </summary>
public sealed class NodeConformanceTests
{
    private static readonly Dictionary<string, string> Listed = ReadList();

    public static TheoryData<string> Names =>
        NodeTestArchive.Missing is null ? [.. NodeTestArchive.Tests.Keys] : ["none"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Official_node_tests_pass_by_evaluation_or_are_listed(string name)
    {
        Assert.SkipUnless(NodeTestArchive.Missing is null, NodeTestArchive.Missing ?? "");
        NodeTestOutcome outcome = NodeTestArchive.Tests[name].Run(GraphEvaluator.Run);
        if (Listed.TryGetValue(name, out string? reason))
        {
            Assert.True(outcome.Result == NodeTestResult.Unsupported, $"listed as unsupported ({reason}), but {outcome.Result} {outcome.Reason}");
        }
        else
        {
            Assert.True(outcome.Result == NodeTestResult.Passed, $"{outcome.Result}: {outcome.Reason}");
        }
    }

    [Fact]
    public void The_list_names_tests_that_exist_each_with_a_reason()
    {
        Assert.SkipUnless(NodeTestArchive.Missing is null, NodeTestArchive.Missing ?? "");
        Assert.Empty(Listed.Keys.Except(NodeTestArchive.Tests.Keys));
        Assert.DoesNotContain(Listed.Values, string.IsNullOrWhiteSpace);
    }

    private static Dictionary<string, string> ReadList() =>
        File.ReadLines(Path.Combine(Repository.Root, "Tests", "EdgeSparse.Compiler.Tests", "Onnx", "unsupported-node-tests.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(": ", 2))
            .ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : "");
}
