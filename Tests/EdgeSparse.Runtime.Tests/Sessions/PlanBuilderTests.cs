using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed unsafe class PlanBuilderTests
{
    [Fact]
    public void A_step_that_clears_a_border_belongs_to_the_layer_that_follows()
    {
        using Model model = Model.FromBytes(BorderOverInput().Build());
        using var memory = new NativeArena();
        Step* steps = PlanBuilder.Build(model, (float*)memory.Allocate(model.ArenaBytes), memory, out int count);
        int[] layers = new int[count];
        for (int i = 0; i < count; i++)
        {
            layers[i] = steps[i].Layer;
        }

        Assert.Equal([0, 1, 1, 2], layers);
    }

    [Fact]
    public void The_time_of_a_cleared_border_goes_to_the_layer_that_follows()
    {
        using Model model = Model.FromBytes(BorderOverInput().Build());
        using Session session = model.CreateSession();
        float[] y = new float[4];
        long[] ticks = new long[3];
        for (int i = 0; i < 100; i++)
        {
            session.RunTimed([-1, 2, -3, 4], y, ticks);
        }

        Assert.Equal([0f, 2, 0, 4], y);
        Assert.All(ticks, t => Assert.True(t > 0));
    }

    /// <summary>ReLU, then two copies; the first goes to planes with a border that lie where the input was.</summary>
    private static BlobBuilder BorderOverInput()
    {
        var blob = new BlobBuilder();
        int x = blob.Value("x", 1, 2, 2);
        int rectified = blob.Value("rectified", 1, 2, 2);
        int padded = blob.Value("padded", 1, 2, 2, new Layout { Top = 1, Left = 1, Right = 1, Bottom = 1, ZeroBorder = true });
        int y = blob.Value("y", 1, 2, 2);
        blob.Values[rectified] = blob.Values[rectified] with { ArenaOffset = 128 };
        blob.Values[padded] = blob.Values[padded] with { ArenaOffset = 0 };
        blob.Values[y] = blob.Values[y] with { ArenaOffset = 192 };
        blob.Input("x", x, 1, 1, 2, 2);
        blob.Output("y", y, 1, 1, 2, 2);
        blob.Step("relu", OperationKind.Relu, x, rectified);
        blob.Step("pad", OperationKind.Relayout, rectified, padded);
        blob.Step("crop", OperationKind.Relayout, padded, y);
        return blob;
    }
}
