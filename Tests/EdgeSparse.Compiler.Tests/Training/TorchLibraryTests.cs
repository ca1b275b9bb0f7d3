using EdgeSparse.Compiler.Training;
using TorchSharp;

namespace EdgeSparse.Compiler.Tests.Training;

public sealed class TorchLibraryTests
{
    [Fact]
    public void Torch_loads_and_multiplies_from_the_test_output()
    {
        TorchLibrary.EnsureLoaded();
        using torch.Tensor a = torch.tensor([1f, 2f, 3f, 4f], [2, 2]);
        using torch.Tensor product = a.matmul(a);
        Assert.Equal([7f, 10f, 15f, 22f], product.data<float>().ToArray());
    }
}
