using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Tests.Packing;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.PtxEmulator.Driver;

namespace EdgeSparse.Runtime.Cuda.Tests;

/// <summary>Whole networks by the PTX of their blobs on the emulated GPU.</summary>
public sealed class EmulatedNetworkTests
{
    [Theory]
    [InlineData(53, 1)]
    [InlineData(90, 132)]
    public void Random_networks_of_convolutions_give_what_the_CPU_gives(int capability, int multiprocessors)
    {
        for (int seed = 0; seed < 24; seed++)
        {
            AssertSame(RandomNetwork.Create(seed, 1 + (seed % 12)), seed, capability, multiprocessors);
        }
    }

    [Theory]
    [InlineData(62, 2)]
    [InlineData(87, 16)]
    public void Random_networks_over_all_operators_give_what_the_CPU_gives(int capability, int multiprocessors)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            AssertSame(RandomOperators.Create(seed, 1 + (seed % 9)), seed, capability, multiprocessors);
        }
    }

    [Theory]
    [InlineData("lenet-5", 53)]
    [InlineData("lenet-5", 90)]
    [InlineData("resnet-20", 72)]
    [InlineData("mobilenet-v1", 87)]
    public void Networks_of_the_zoo_give_what_the_CPU_gives(string name, int capability) =>
        AssertSame(OneShotPruning.Apply(ModelZoo.Create(name, 1), _ => (Granularity.Weight, 0.1)), 1, capability, 16);

    private static void AssertSame(Graph graph, int seed, int capability, int multiprocessors) => EmulatedDriver.Alone(() =>
    {
        (EmulatedGpu.Capability, EmulatedGpu.Multiprocessors) = (capability, multiprocessors);
        EmulatedBlob.AssertSame(EmulatedBlob.Of(graph, 4 << (seed % 3), $"sm_{capability}"), seed, $"seed {seed}");
    });
}
