using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Kernels;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Tests.Sessions;

public sealed unsafe class PlanBuilderTests
{
    [Fact]
    public void A_step_that_fills_a_frame_belongs_to_the_layer_before_it()
    {
        using Model model = Model.FromBytes(FrameAfterReLU().Build());
        using var memory = new NativeArena();
        Step* steps = PlanBuilder.Build(model, (float*)memory.Allocate(model.ArenaBytes), memory, 1, out int count);
        int[] layers = new int[count];
        for (int i = 0; i < count; i++)
        {
            layers[i] = steps[i].Layer;
        }

        Assert.Equal([0, 1, 1, 2], layers);
    }

    [Fact]
    public void Every_layer_of_a_plan_with_frames_has_a_time()
    {
        using Model model = Model.FromBytes(FrameAfterReLU().Build());
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

    /// <summary>To slots, ReLU to slots with a halo, and back.</summary>
    private static BlobBuilder FrameAfterReLU()
    {
        var blob = new BlobBuilder();
        int x = blob.Value("x", 1, 2, 2);
        int slots = blob.Value("slots", 1, 2, 2, Slots.Grid(2, 2));
        int framed = blob.Value("framed", 1, 2, 2, Slots.Grid(2, 2, halo: 1));
        int y = blob.Value("y", 1, 2, 2);
        blob.Input("x", x, 1, 1, 2, 2);
        blob.Output("y", y, 1, 1, 2, 2);
        blob.Step("in", OperationKind.Relayout, x, slots);
        blob.Step("relu", OperationKind.Activate, slots, framed, activation: Activation.Relu);
        blob.Step("out", OperationKind.Relayout, framed, y);
        return blob;
    }
}
