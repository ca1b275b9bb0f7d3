using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Tests.Pipeline;

public sealed class StageRunnerTests
{
    [Fact]
    public void Every_kind_of_stage_that_a_recipe_may_have_is_run_by_something() =>
        Assert.All(StageTable.Kinds, kind => Assert.True(StageRunner.Runs(kind.Options), $"{kind.Stage} {kind.Method}"));
}
