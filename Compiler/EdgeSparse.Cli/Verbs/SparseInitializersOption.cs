using System.CommandLine;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>--sparse-initializers</c> of verbs that write ONNX.</summary>
internal static class SparseInitializersOption
{
    public static Option<bool> Create() => new("--sparse-initializers")
    {
        Description = "write weights with many zeros as sparse tensors into the ONNX file: smaller, and read by ONNX Runtime",
    };

    /// <summary>Refuses it where no ONNX file is written.</summary>
    public static void Need(Command command, Option<bool> sparse, Option<string?> onnx) => command.Validators.Add(result =>
    {
        if (result.GetValue(sparse) && result.GetResult(onnx) is null)
        {
            result.AddError("--sparse-initializers needs --onnx OUT.onnx");
        }
    });
}
