using System.Text;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Tests.Recipes;

public sealed class SpoiledRecipeTests
{
    private const string Good = """
        // digits
        { "name": "zeichen é", "model": { "onnx": "a.onnx" }, "data": { "name": "mnist", "mean": [0.1], "std": [0.3] }, "seed": 3,
          "stages": [ { "stage": "train", "epochs": 2, "optimizer": { "kind": "adamW" } },
                      { "stage": "prune", "method": "han", "layers": { "fc1": { "quality": 1.5 } }, "finalRetrain": null } ] }
        """;

    [Fact]
    public void Changed_bytes_give_a_recipe_or_a_located_error_and_nothing_else()
    {
        byte[] good = Encoding.UTF8.GetBytes(Good);
        Random random = new(20_240_607);
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            byte[] spoiled = [.. good];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                spoiled[random.Next(spoiled.Length)] = (byte)random.Next(256);
            }

            string path = "spoiled.json";
            try
            {
                LocatedJsonReader.Read(spoiled, path);
                RecipeReader.Parse(Encoding.UTF8.GetString(spoiled), path);
            }
            catch (RecipeException error)
            {
                Assert.Matches("^spoiled.json:[1-9]:[0-9]+: [^\n]+$", error.Message);
                refused++;
            }
        }

        Assert.InRange(refused, 2_000, 5_000);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(100_000)]
    public void Deep_nesting_is_refused(int depth)
    {
        string json = string.Concat(Enumerable.Repeat("{\"a\":", depth));
        Assert.StartsWith("r.json:1:", Assert.Throws<RecipeException>(() => RecipeReader.Parse(json, "r.json")).Message);
    }

    [Fact]
    public void A_text_that_is_not_UTF8_is_refused()
    {
        byte[] bytes = [.. "{ \"name\": \""u8, 0xFF, .. "\" }"u8];
        Assert.StartsWith("r.json:1:", Assert.Throws<RecipeException>(() => LocatedJsonReader.Read(bytes, "r.json")).Message);
    }
}
