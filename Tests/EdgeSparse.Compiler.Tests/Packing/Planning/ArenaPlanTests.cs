using CsCheck;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing.Planning;

public sealed class ArenaPlanTests
{
    [Fact]
    public void A_chain_needs_the_input_and_the_two_largest_neighbours()
    {
        // x → a → b → c: 1,000 floats each, 1,015 with slack, 1,024 with alignment; x stays, b takes no place of a, c that of a.
        Plan plan = PlanOf(GraphMaker.Make(
            new TensorShape(1, 1000), ["c"],
            [new Softmax("a", "x", "a", 1), new Softmax("b", "a", "b", 1), new Softmax("c", "b", "c", 1)]));
        ArenaPlan arena = ArenaPlan.Of(plan);
        Assert.Equal(3 * 4096, arena.Bytes);
        Assert.Equal(arena.Offsets[1], arena.Offsets[3]);
        Assert.Equal(4, arena.Offsets.Length);
    }

    [Fact]
    public void Elementwise_steps_write_over_their_dead_input()
    {
        Plan plan = PlanOf(GraphMaker.Make(
            new TensorShape(1, 1000), ["c"],
            [new Softmax("a", "x", "a", 1), new Relu("r", "a", "r"), new Add("s", "r", "x", "s"), new Softmax("c", "s", "c", 1)]));
        ArenaPlan arena = ArenaPlan.Of(plan);
        Assert.Equal(arena.Offsets[1], arena.Offsets[2]);
        Assert.Equal(arena.Offsets[1], arena.Offsets[3]);
        Assert.Equal(3 * 4096, arena.Bytes);
    }

    [Fact]
    public void A_value_with_another_reader_and_a_network_input_are_not_written_over()
    {
        Plan plan = PlanOf(GraphMaker.Make(
            new TensorShape(1, 1000), ["s"],
            [new Relu("a", "x", "a"), new Softmax("b", "a", "b", 1), new Relu("r", "b", "r"), new Add("s", "r", "b", "s")]));
        ArenaPlan arena = ArenaPlan.Of(plan);
        Assert.NotEqual(arena.Offsets[0], arena.Offsets[1]);
        Assert.NotEqual(arena.Offsets[2], arena.Offsets[3]);
    }

    [Fact]
    public void Values_that_live_at_the_same_time_never_overlap() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 25]).Sample(
            (seed, layers) =>
            {
                Plan plan = PlanOf(RandomNetwork.Create(seed, layers));
                ArenaPlan arena = ArenaPlan.Of(plan);
                Assert.All(arena.Offsets, offset => Assert.Equal(0, offset % 64));
                Assert.Equal(
                    arena.Bytes,
                    plan.Values.Select((v, i) => arena.Offsets[i] + ((v.Layout.Elements * 4) + 63 & ~63)).Max());
                Replay(plan, arena);
            },
            iter: 200);

    /// <summary>Who owns each 64 bytes, followed through the plan: a value is whole whenever it is read.</summary>
    private static void Replay(Plan plan, ArenaPlan arena)
    {
        int[] owner = new int[arena.Bytes / 64];
        void Write(int value) => Lines(value).Fill(value);
        Span<int> Lines(int value) => owner.AsSpan((int)(arena.Offsets[value] / 64), (plan.Values[value].Layout.Elements + 15) / 16);
        foreach (PlanBinding binding in plan.Bindings.Where(b => b.Kind == BindingKind.Input))
        {
            Write(binding.Value);
        }

        foreach (PlanOperation operation in plan.Operations)
        {
            foreach (int input in operation.Inputs)
            {
                Assert.True(!Lines(input).ContainsAnyExcept(input), $"'{plan.Values[input].Name}' is overwritten when '{operation.Name}' reads it");
            }

            Write(operation.Output);
        }

        foreach (PlanBinding binding in plan.Bindings)
        {
            Assert.True(!Lines(binding.Value).ContainsAnyExcept(binding.Value), $"'{binding.Name}' is overwritten at the end");
        }
    }

    private static Plan PlanOf(Graph graph) =>
        InPlace.Apply(PlanBuilder.Build(GraphLowering.Apply(InferenceSimplification.Apply(graph)), new PackOptions { Lanes = 16 }));
}
