using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Tests.Files;

public sealed class PrunedWeightsTests
{
    [Theory]
    [InlineData("fc1._layer.weight", "fc1._weight_mask", "fc1.weight")]
    [InlineData("module.layer1.0.conv1._layer.bias", "module.layer1.0.conv1._bias_mask", "module.layer1.0.conv1.bias")]
    [InlineData("fc1.weight_orig", "fc1.weight_mask", "fc1.weight")]
    public void Values_and_mask_become_one_weight_of_the_usual_name(string values, string mask, string usual)
    {
        IReadOnlyDictionary<string, Weight> merged = Merge(Row(values, 1, -2, 3), Row(mask, 1, 0, 1), Row("other.weight_mask", 1));
        Assert.Equal([usual, "other.weight_mask"], merged.Keys.Order());
        Assert.Equal([1f, 0, 3], merged[usual].Values.ToArray());
        Assert.Equal(usual, merged[usual].Name);
        Assert.False(float.IsNegative(merged[usual].Values.Span[1]));
    }

    [Fact]
    public void A_wrapped_layer_without_a_mask_is_whole_and_other_names_stay()
    {
        IReadOnlyDictionary<string, Weight> merged = Merge(Row("fc1._layer.weight", 1, -2), Row("fc1._layer.bias", 5), Row("fc1._weight_mask", 0, 1), Row("a_orig", 1));
        Assert.Equal(["a_orig", "fc1.bias", "fc1.weight"], merged.Keys.Order());
        Assert.Equal([0f, -2], merged["fc1.weight"].Values.ToArray());
    }

    [Fact]
    public void A_mask_of_another_shape_or_with_other_values_is_refused()
    {
        Assert.Equal(
            "'w.pth' has the mask 'fc1._weight_mask' of shape 1 for 'fc1._layer.weight' of shape 2",
            Assert.Throws<WeightsException>(() => Merge(Row("fc1._layer.weight", 1, 2), Row("fc1._weight_mask", 1))).Message);
        Assert.Equal(
            "'w.pth' has 0.5 as element 1 of the mask 'fc1._weight_mask'; a mask has 0 and 1",
            Assert.Throws<WeightsException>(() => Merge(Row("fc1._layer.weight", 1, 2), Row("fc1._weight_mask", 1, 0.5f))).Message);
    }

    private static IReadOnlyDictionary<string, Weight> Merge(params Weight[] tensors) => PrunedWeights.Merge(tensors.ToDictionary(t => t.Name), "w.pth");

    private static Weight Row(string name, params float[] values) => new(name, new TensorShape(values.Length), values);
}
