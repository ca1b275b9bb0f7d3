using EdgeSparse.Compiler.Pruning;
using EdgeSparse.Compiler.Recipes;
using EdgeSparse.Compiler.Training;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class RecipeReaderTests
{
    private const string Good = """
        {
          "$schema": "../../docs/recipe.schema.json",
          "name": "digits", // a comment
          "model": "lenet-300-100",
          "data": { "name": "mnist", "mean": [0.1307], "std": [0.3081], "trainLimit": 500 },
          "seed": 7,
          "stages": [
            { "stage": "train", "epochs": 3, "optimizer": { "kind": "adamW", "learningRate": 1e-3 } },
            { "stage": "prune", "method": "han", "iterations": 2, "layers": { "fc1": { "quality": 1.1 }, "fc2": { "density": 0.09 } },
              "policy": "alternate", "retrain": { "batchSize": 128 } },
            { "stage": "train", "name": "retrain", "schedule": { "kind": "cosine" }, },
          ],
        }
        """;

    [Fact]
    public void A_recipe_binds_to_its_records()
    {
        RecipeFile file = RecipeReader.Parse(Good, "r.json");
        Recipe recipe = file.Recipe;
        Assert.Equal("digits", recipe.Name);
        Assert.Equal(new ModelSource("lenet-300-100", null), recipe.Model);
        Assert.Equal("mnist", recipe.Data!.Name);
        Assert.Equal([0.1307f], recipe.Data.Mean!.Value);
        Assert.Equal([0.3081f], recipe.Data.Std!.Value);
        Assert.Equal(500, recipe.Data.TrainLimit);
        Assert.Null(recipe.Data.TestLimit);
        Assert.Equal(7, recipe.Seed);
        Assert.Equal(["train", "prune", "retrain"], recipe.Stages.Select(s => s.Name));

        var train = Assert.IsType<TrainingOptions>(recipe.Stages[0].Options);
        Assert.Equal(3, train.Epochs);
        Assert.Equal(OptimizerKind.AdamW, train.Optimizer.Kind);
        Assert.Equal(0.001, train.Optimizer.LearningRate);

        var prune = Assert.IsType<HanPruningOptions>(recipe.Stages[1].Options);
        Assert.Equal(2, prune.Iterations);
        Assert.Equal(1.1, prune.Layers["fc1"].Quality);
        Assert.Equal(0.09, prune.Layers["fc2"].Density);
        Assert.Equal(RetrainPolicy.Alternate, prune.Policy);
        Assert.Equal(ScheduleKind.Cosine, Assert.IsType<TrainingOptions>(recipe.Stages[2].Options).Schedule.Kind);
    }

    [Fact]
    public void A_nested_record_keeps_the_defaults_of_its_owner()
    {
        var prune = (HanPruningOptions)RecipeReader.Parse(Good, "r.json").Recipe.Stages[1].Options;
        Assert.Equal(new HanPruningOptions().Retrain with { BatchSize = 128 }, prune.Retrain);
        Assert.Null(prune.FinalRetrain);
    }

    [Fact]
    public void A_granularity_is_given_to_a_stage_and_to_layers()
    {
        var prune = (HanPruningOptions)RecipeReader.Parse(
            """
            { "name": "a", "model": "m", "stages": [ { "stage": "prune", "method": "han", "density": 0.1, "granularity": "4x1", "layers": {
              "fc1": { "granularity": "2:4" }, "fc2": { "granularity": "weight" }, "fc3": { "density": 0.3, "granularity": "1x4" }, "fc4": { "density": 0.4 } } } ] }
            """,
            "r.json").Recipe.Stages[0].Options;
        Assert.Equal(Granularity.Block4x1, prune.Granularity);
        Assert.Equal(
            [Granularity.TwoOfFour, Granularity.Weight, Granularity.Block1x4, null],
            prune.Layers.Values.Select(l => l.Granularity));
        Assert.Equal(Granularity.Weight, ((HanPruningOptions)RecipeReader.Parse(Good, "r.json").Recipe.Stages[1].Options).Granularity);
    }

    [Fact]
    public void Layers_are_noted_with_their_places()
    {
        Assert.Equal(
            [("fc1", "r.json:9:71"), ("fc2", "r.json:9:98")],
            RecipeReader.Parse(Good, "r.json").Layers.Select(l => (l.Name, l.Where.ToString())));
    }

    [Fact]
    public void The_canonical_text_has_no_comments_and_all_overrides()
    {
        string json = RecipeReader.Parse("""{ "name": "a", /* b */ "model": "m", "stages": [ { "stage": "train" }, ] }""", "r.json",
            [RecipeOverride.Parse("train.epochs=2"), RecipeOverride.Parse("seed=5")]).Json;
        Assert.Equal("""{"name":"a","model":"m","stages":[{"stage":"train","epochs":2}],"seed":5}""", json);
    }

    [Fact]
    public void An_onnx_model_is_found_beside_the_recipe()
    {
        RecipeFile file = RecipeReader.Parse("""{ "name": "a", "model": { "onnx": "net.onnx" }, "stages": [ { "stage": "train" } ] }""", "some/where/r.json");
        Assert.Equal("net.onnx", file.Recipe.Model.OnnxPath);
        Assert.Equal("some/where/net.onnx", file.ResolvePath("net.onnx"));
        Assert.Equal("/abs/net.onnx", file.ResolvePath("/abs/net.onnx"));
    }

    [Theory]
    [InlineData("""{ "name": "a" """, "r.json:1:15: this is no JSON: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed.")]
    [InlineData("", "r.json:1:1: this is no JSON: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true.")]
    [InlineData("[]", "r.json:1:1: a recipe must be an object, found a list")]
    [InlineData("""{ "name": "a", "name": "b" }""", "r.json:1:16: the key 'name' stands here a second time")]
    [InlineData("""{ "nam": "a" }""", "r.json:1:3: the recipe has no key 'nam'; did you mean 'name'? Allowed: $schema, name, model, data, seed, stages, output")]
    [InlineData("""{ "name": "a", "stages": [] }""", "r.json:1:1: the recipe needs the key 'model' (a network of the zoo by name, or {\"onnx\": \"FILE\"})")]
    [InlineData("""{ "name": "a", "model": "m", "stages": [] }""", "r.json:1:40: the recipe: stages is empty; a recipe needs at least one")]
    [InlineData("""{ "name": 3, "model": "m", "stages": [] }""", "r.json:1:11: name must be a text, found 3")]
    [InlineData("""{ "name": null, "model": "m", "stages": [] }""", "r.json:1:11: name must not be null")]
    [InlineData("""{ "name": "a", "model": { "onx": "f" }, "stages": [] }""", "r.json:1:27: 'model' has no key 'onx'; did you mean 'onnx'? Allowed: onnx")]
    [InlineData("""{ "name": "a", "model": 1, "stages": [] }""", "r.json:1:25: model must be the name of a network or {\"onnx\": \"FILE\"}, found 1")]
    [InlineData("""{ "name": "a", "model": "m", "seed": 1.5, "stages": [] }""", "r.json:1:38: seed must be a whole number, found 1.5")]
    [InlineData("""{ "name": "a", "model": "m", "seed": -1, "stages": [] }""", "r.json:1:38: seed is -1; allowed: at least 0, at most 2147483647")]
    [InlineData("""{ "name": "a", "model": "m", "data": { "name": "d", "mean": [0.5] }, "stages": [] }""", "r.json:1:61: 'data': mean and std are given together or not at all")]
    [InlineData("""{ "name": "a", "model": "m", "data": { "name": "d", "mean": [0.5], "std": [0] }, "stages": [] }""", "r.json:1:75: 'data': std must be above 0 in every channel")]
    public void A_bad_document_is_refused_at_its_place(string json, string message) => Refused(json, message);

    [Theory]
    [InlineData("7", "r.json:2:1: stages[0] must be an object, found 7")]
    [InlineData("{}", "r.json:2:1: a stage needs the key 'stage'. Allowed: train, prune")]
    [InlineData("""{ "stage": "trian" }""", "r.json:2:12: stage is \"trian\"; did you mean 'train'? Allowed: train, prune")]
    [InlineData("""{ "stage": "prune" }""", "r.json:2:1: stage 'prune' needs the key 'method'. Allowed: han, reconstruct, magnitude, random, movement, diagonal-fisher, k-fac, woodfisher, depgraph, oto, gate-decorator")]
    [InlineData("""{ "stage": "prune", "method": "hann" }""", "r.json:2:31: method is \"hann\"; did you mean 'han'? Allowed: han, reconstruct, magnitude, random, movement, diagonal-fisher, k-fac, woodfisher, depgraph, oto, gate-decorator")]
    [InlineData("""{ "stage": "train", "epochs": "many" }""", "r.json:2:31: epochs must be a whole number, found \"many\"")]
    [InlineData("""{ "stage": "train", "epochs": 0 }""", "r.json:2:31: epochs is 0; allowed: at least 1, at most 100000")]
    [InlineData("""{ "stage": "train", "optimizer": { "kind": "adam" } }""", "r.json:2:44: kind is \"adam\"; did you mean 'adamW'? Allowed: sgd, adamW")]
    [InlineData("""{ "stage": "train", "optimizer": { "nesterov": 1 } }""", "r.json:2:48: nesterov must be true or false, found 1")]
    [InlineData("""{ "stage": "train", "optimizer": { "learning": 1 } }""", "r.json:2:36: 'optimizer' has no key 'learning'; did you mean 'learningRate'? Allowed: kind, learningRate, momentum, nesterov, weightDecay, l1")]
    [InlineData("""{ "stage": "train", "optimizer": 3 }""", "r.json:2:34: 'optimizer' must be an object, found 3")]
    [InlineData("""{ "stage": "prune", "method": "han", "sparsity": 0 }""", "r.json:2:50: sparsity is 0; allowed: above 0, below 1")]
    [InlineData("""{ "stage": "prune", "method": "han", "sparsity": 1 }""", "r.json:2:50: sparsity is 1; allowed: above 0, below 1")]
    [InlineData("""{ "stage": "prune", "method": "han", "sparsity": 1e999 }""", "r.json:2:50: sparsity must be a number, found 1e999")]
    [InlineData("""{ "stage": "prune", "method": "han", "sparsity": 0.5, "density": 0.5 }""", "r.json:2:50: stage 'prune': give one of quality, density and sparsity, not several")]
    [InlineData("""{ "stage": "prune", "method": "han" }""", "r.json:2:1: stage 'prune': nothing to prune: give quality, density, sparsity, or layers")]
    [InlineData("""{ "stage": "prune", "method": "han", "layers": { "fc1": { "quality": 1, "density": 0.5 } } }""", "r.json:2:84: 'fc1': a layer's target is either a quality or a density")]
    [InlineData("""{ "stage": "prune", "method": "han", "density": 0.5, "granularity": "weigth" }""", "r.json:2:69: granularity is \"weigth\"; did you mean 'weight'? Allowed: weight, 1x4, 4x1, 8x1, 16x1, 4x4, 2:4, 4:8")]
    [InlineData("""{ "stage": "prune", "method": "han", "density": 0.5, "granularity": 4 }""", "r.json:2:69: granularity must be one of weight, 1x4, 4x1, 8x1, 16x1, 4x4, 2:4, 4:8, found 4")]
    [InlineData("""{ "stage": "prune", "method": "han", "density": 0.5, "granularity": "2:4" }""", "r.json:2:69: stage 'prune': the granularity 2:4 by itself keeps 2 of 4 weights; leave density out")]
    [InlineData("""{ "stage": "prune", "method": "han", "quality": 1, "granularity": "4:8" }""", "r.json:2:67: stage 'prune': the granularity 4:8 by itself keeps 4 of 8 weights; leave quality out")]
    [InlineData("""{ "stage": "prune", "method": "han", "granularity": "4x1" }""", "r.json:2:1: stage 'prune': nothing to prune: give quality, density, sparsity, or layers")]
    [InlineData("""{ "stage": "prune", "method": "han", "layers": { "fc1": { "density": 0.5, "granularity": "2:4" } } }""", "r.json:2:90: 'fc1': the granularity 2:4 by itself keeps 2 of 4 weights; leave density out")]
    [InlineData("""{ "stage": "prune", "method": "han", "layers": { "fc1": { "granularity": "4x1" } } }""", "r.json:2:48: stage 'prune': layer 'fc1' has the granularity 4x1, but neither it nor the stage has a quality or a density")]
    [InlineData("""{ "stage": "prune", "method": "han", "granularity": "2:4", "layers": { "fc1": { "density": 0.5 } } }""", "r.json:2:70: stage 'prune': layer 'fc1' has a target of its own beside the stage's granularity 2:4; give it a granularity of its own too")]
    [InlineData("""{ "stage": "prune", "method": "han", "layers": [ "fc1" ] }""", "r.json:2:48: layers must be an object, found a list")]
    [InlineData("""{ "stage": "train" }, { "stage": "train" }""", "r.json:2:23: two stages are called 'train'; give this one a \"name\" of its own")]
    [InlineData("""{ "stage": "train", "name": "data" }""", "r.json:2:1: a stage cannot be called 'data', which is a key of the recipe")]
    public void A_bad_stage_is_refused_at_its_place(string stage, string message) =>
        Refused("{ \"name\": \"a\", \"model\": \"m\", \"stages\": [\n" + stage + "\n] }", message);

    [Fact]
    public void A_missing_file_is_one_clear_line()
    {
        var error = Assert.Throws<EdgeSparseException>(() => RecipeReader.Read("/nowhere/r.json"));
        Assert.Equal("there is no recipe '/nowhere/r.json'", error.Message);
    }

    private static void Refused(string json, string message) =>
        Assert.Equal(message, Assert.Throws<RecipeException>(() => RecipeReader.Parse(json, "r.json")).Message);
}
