using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Pipeline;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Pipeline;

public class DeviceLimitsTests
{
    [Fact]
    public void Names_of_formats_are_read() =>
        Assert.Equal([WeightLayout.Dense, WeightLayout.Bsr4x1], DeviceLimits.Of(["bsr-4x1", "dense"], null).Formats!);

    [Fact]
    public void An_unknown_format_is_refused_with_those_there_are() =>
        Assert.StartsWith(
            "'bsr4x1' is no weight format; the formats are dense, csr, ", Assert.Throws<PackingException>(() => DeviceLimits.Of(["bsr4x1"], null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_network_that_does_not_fit_into_the_memory_is_refused_with_what_it_takes()
    {
        PackedModel packed = Packer.Pack(
            new Graph(
                "n", [new GraphValue("x", new TensorShape(1, 4))], ["y"], [new Linear("fc", "x", "y", "w", null)],
                ImmutableDictionary<string, Weight>.Empty.Add("w", new Weight("w", new TensorShape(1, 4), [1, 2, 3, 4]))),
            new PackOptions());
        new DeviceLimits { MemoryBytes = 1 << 20 }.Require(packed, "rpi4");
        DeviceLimits.None.Require(packed, "rpi4");
        Assert.Matches(
            @"^'rpi4' has 0 MiB of memory; this network needs 0[.\d]* for its blob and 0[.\d]* for activations: prune more, or choose a larger target; nothing was written$",
            Assert.Throws<EdgeSparseException>(() => new DeviceLimits { MemoryBytes = 1000 }.Require(packed, "rpi4")).Message);
    }
}
