using System.Text.Json.Nodes;

namespace EdgeSparse.Cli.Tests;

/// <summary>One compress run on the stripes, whose files many tests look at.</summary>
public sealed class CompressedNetwork : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public CompressedNetwork()
    {
        StripeData.Write(folder["stripes"]);
        Recipe = folder.Write("recipe.json", """
            {
              "name": "stripes",
              "model": "lenet-300-100",
              "data": { "name": "stripes" }, // replaced by --data
              "stages": [
                { "stage": "train", "epochs": 4, "batchSize": 20 },
                { "stage": "prune", "method": "han", "iterations": 2, "density": 0.1, "retrain": { "epochs": 2, "batchSize": 20 } }
              ]
            }
            """);
        ToolResult = Tool.Run(
            "compress", "--recipe", Recipe, "--data", Data, "-o", Blob, "--onnx", Onnx, "--target", "linux-x64-v3", "--json");
    }

    public string Root => folder.Root;

    public string Recipe { get; }

    public string Data => folder["stripes"];

    public string Blob => folder["out.esb"];

    public string Onnx => folder["out.onnx"];

    internal ToolResult ToolResult { get; }

    public JsonNode Result => ToolResult.Succeeds().Json;

    internal string[] Entries => folder.Entries;

    public void Dispose() => folder.Dispose();
}
