using EdgeSparse.Cli.Display;

namespace EdgeSparse.Cli.Tests.Display;

public sealed class TrimmingWriterTests
{
    [Fact]
    public void Spaces_go_at_the_ends_of_lines_only()
    {
        StringWriter inner = new();
        using TrimmingWriter writer = new(inner);
        writer.Write("  a  b  \n   \n c");
        Assert.Equal("  a  b\n\n c", inner.ToString());
    }
}
