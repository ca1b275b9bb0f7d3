using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Compiler.Zoo;

namespace EdgeSparse.Compiler.Tests.Files;

public sealed class StateDictionaryTests
{
    private static readonly Graph Network = ModelZoo.Create("resnet-20-b", seed: 1);

    [Fact]
    public void Names_of_the_network_stay() =>
        Assert.Equal(Network.Weights.Keys.Order(), Named(Network.Weights.Keys).Order());

    [Fact]
    public void The_prefix_of_training_on_several_devices_is_dropped_where_all_have_it()
    {
        Assert.Equal(["conv1.weight", "linear.bias"], Named(["module.conv1.weight", "module.linear.bias"]));
        Assert.Equal(["conv1.weight", "module.linear.bias"], Named(["conv1.weight", "module.linear.bias"]));
    }

    [Fact]
    public void Classifier_and_shortcut_may_have_their_other_usual_names() => Assert.Equal(
        ["linear.weight", "layer2.0.shortcut.0.weight", "layer2.0.shortcut.1.running_mean"],
        Named(["fc.weight", "layer2.0.downsample.0.weight", "layer2.0.downsample.1.running_mean"]));

    [Fact]
    public void Names_that_the_network_has_in_no_form_stay_to_be_refused() =>
        Assert.Equal(["fc.scale", "head.weight", "linear.weight", "fc.weight"], Named(["fc.scale", "head.weight", "linear.weight", "fc.weight"]));

    [Fact]
    public void MobileNet_may_have_its_layers_by_number() => Assert.Equal(
        ["conv1.weight", "conv1_bn.running_var", "conv_dw_1.weight", "conv_dw_13_bn.bias", "conv_pw_13.weight", "conv_pw_2_bn.weight", "fc.weight", "model.14.0.weight"],
        Named(
            ["module.model.0.0.weight", "module.model.0.1.running_var", "module.model.1.0.weight", "module.model.13.1.bias", "module.model.13.3.weight", "module.model.2.4.weight", "module.fc.weight", "module.model.14.0.weight"],
            ModelZoo.Create("mobilenet-v1", seed: 1)));

    private static IEnumerable<string> Named(IEnumerable<string> names, Graph? network = null)
    {
        Dictionary<string, Weight> tensors = names.ToDictionary(n => n, n => new Weight(n, new TensorShape(1), [1f]));
        IReadOnlyDictionary<string, Weight> named = StateDictionary.Named(tensors, network ?? Network);
        Assert.All(named, pair => Assert.Equal(pair.Key, pair.Value.Name));
        return named.Keys;
    }
}
