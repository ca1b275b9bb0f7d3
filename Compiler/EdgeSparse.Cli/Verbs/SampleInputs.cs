using System.CommandLine;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Verification;
using EdgeSparse.Runtime;

namespace EdgeSparse.Cli.Verbs;

/// <summary>What a measured run is given: samples of a data set where one is named, else random numbers without zeros.</summary>
internal static class SampleInputs
{
    private const int Seed = 1;

    /// <exception cref="EdgeSparseException">The data set is missing, or its samples do not fit the blob.</exception>
    public static IReadOnlyList<float[]> Of(VerbContext context, Model model, Option<string?> data, Option<string?> dataDir)
    {
        if (context.Value(data) is not { } name)
        {
            return BenchInputs.Random(model.Inputs[0].ElementCount, Seed);
        }

        Dataset set = DatasetCatalog.Open(name, DataDirOption.Locations(context, dataDir), context.Progress);
        return set.SampleShape.ElementCount == model.Inputs[0].ElementCount
            ? BenchInputs.From(set.Test, model.Inputs[0].ElementCount, VerifyVerb.ScalingOf(model))
            : throw new EdgeSparseException(
                $"the blob takes inputs of shape {string.Join('×', model.Inputs[0].Shape)}, but the samples of '{name}' have the shape {set.SampleShape}");
    }
}
