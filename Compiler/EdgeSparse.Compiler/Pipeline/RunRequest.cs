using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Recipes;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>What a run works on: a recipe and what the command line says beside it.</summary>
public sealed record RunRequest
{
    public required RecipeFile Recipe { get; init; }

    /// <summary>An ONNX file in place of the recipe's model.</summary>
    public string? ModelPath { get; init; }

    /// <summary>A safetensors file with the weights to start from; null starts from the model's own.</summary>
    public string? WeightsPath { get; init; }

    public DataLocations DataLocations { get; init; } = new();

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";
}

/// <summary>A run that ends with a blob.</summary>
public sealed record CompressRequest
{
    public required RunRequest Run { get; init; }

    /// <summary>Where the blob goes.</summary>
    public required string BlobPath { get; init; }

    /// <summary>Where the pruned network goes as ONNX; null for nowhere.</summary>
    public string? OnnxPath { get; init; }

    /// <summary>Whether pruned weights are sparse tensors in the ONNX file.</summary>
    public bool SparseInitializers { get; init; }

    /// <summary>Where checkpoints are kept until the run is done; null: beside the blob.</summary>
    public string? WorkPath { get; init; }

    /// <summary>Id of the target profile, written into the blob.</summary>
    public required string TargetId { get; init; }

    /// <summary>Floats in a vector of the target.</summary>
    public required int VectorLanes { get; init; }

    /// <summary>What the target asks of a blob besides.</summary>
    public DeviceLimits Limits { get; init; } = DeviceLimits.None;
}
