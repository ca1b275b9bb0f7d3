using EdgeSparse.Compiler.Onnx.Import;

namespace EdgeSparse.Compiler.Tests.Onnx;

public sealed class OperatorDocumentTests
{
    [Fact]
    public void The_document_lists_every_operator_and_the_opsets()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "onnx.md"));
        IEnumerable<string> listed = lines.Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Select(l => l.Split('|')[1].Trim())
            .Where(name => name is not ("Operator" or "---"));
        Assert.Equal(OperatorTable.Names, listed);
        Assert.Contains(lines, l => l.StartsWith($"Opset {OperatorTable.OldestOpset} to {OperatorTable.NewestOpset} of", StringComparison.Ordinal));
    }
}
