using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Packing;

public sealed class DeterminismTests
{
    [Theory]
    [InlineData("lenet-300-100")]
    [InlineData("lenet-5")]
    public void The_same_network_and_options_give_the_same_bytes(string name)
    {
        byte[] first = Packer.Pack(ModelZoo.Create(name, 4), Options("b", "a")).Bytes.ToArray();
        byte[] again = Packer.Pack(ModelZoo.Create(name, 4), Options("a", "b")).Bytes.ToArray();
        Assert.Equal(first, again);
    }

    private static PackOptions Options(string first, string second) => new PackOptions { Lanes = 16 }
        .WithProvenance(first, first).WithProvenance(second, second);
}
