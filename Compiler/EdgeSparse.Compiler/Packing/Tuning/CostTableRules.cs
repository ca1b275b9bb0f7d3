using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace EdgeSparse.Compiler.Packing;

/// <summary>What a cost table must be beyond well-formed JSON of the right members.</summary>
internal static class CostTableRules
{
    /// <exception cref="PackingException">A rule is broken; the message says where.</exception>
    public static void Check(CostTable table)
    {
        for (int i = 0; i < table.Targets.Length; i++)
        {
            TargetCosts target = table.Targets[i];
            string where = $"targets[{i}]";
            Require(target is not null, $"{where} is empty");
            Require(PackOptions.SupportedLanes.Contains(target.Lanes), $"{where} has {target.Lanes} lanes; {string.Join(", ", PackOptions.SupportedLanes)} are possible");
            Require(
                table.Targets.Take(i).All(t => !t.IsOf(target.Target, target.Lanes, target.Machine)),
                $"{where} is a second entry for '{target.Target}' with {target.Lanes} lanes on {target.Processor}");
            CheckCosts(target.Costs.Convolution, KernelCosts.ConvolutionFormats, $"{where}.costs.convolution");
            CheckCosts(target.Costs.Linear, KernelCosts.LinearFormats, $"{where}.costs.linear");
            Require(!target.Layers.IsDefault, $"{where} has no layers");
            for (int k = 0; k < target.Layers.Length; k++)
            {
                CheckLayer(target.Layers[k], $"{where}.layers[{k}]");
            }

            Require(target.Layers.DistinctBy(l => l.Digest).Count() == target.Layers.Length, $"{where}.layers has a digest twice");
        }
    }

    private static void CheckCosts(ImmutableSortedDictionary<string, FormatCost> costs, IEnumerable<string> formats, string where)
    {
        foreach (string format in formats)
        {
            if (KernelCosts.IsOptional(format) && !costs.ContainsKey(format))
            {
                continue;
            }

            Require(costs.TryGetValue(format, out FormatCost? cost) && cost is not null, $"{where} has no '{format}'");
            Require(
                IsCount(cost.Weight) && IsCount(cost.Row) && IsCount(cost.Layer) && cost.Weight > 0,
                $"{where}.{format} must have a positive weight, and a row and layer that are not negative");
        }

        string? other = costs.Keys.Except(formats).FirstOrDefault();
        Require(other is null, $"{where} has '{other}', which is no format there");
    }

    private static void CheckLayer(LayerMeasurements layer, string where)
    {
        Require(layer is not null, $"{where} is empty");
        bool isConvolution = layer.Operation == LayerMeasurements.Convolution;
        Require(
            isConvolution || layer.Operation == LayerMeasurements.Linear,
            $"{where} has the operation '{layer.Operation}'; {LayerMeasurements.Convolution} and {LayerMeasurements.Linear} are possible");
        Require(!layer.Formats.IsDefaultOrEmpty, $"{where} has no formats");
        foreach (FormatMeasurement format in layer.Formats)
        {
            Require(format is not null, $"{where} has an empty format");
            Require(
                (isConvolution ? KernelCosts.ConvolutionFormats : KernelCosts.LinearFormats).Contains(format.Format),
                $"{where} has '{format.Format}', which is no format there");
            Require(
                format.Chunks >= 1 && IsCount(format.Weights) && IsCount(format.Rows) && IsCount(format.Microseconds),
                $"{where} has a number below what is possible for {format.Format}");
        }
    }

    private static bool IsCount(double value) => double.IsFinite(value) && value >= 0;

    private static void Require([DoesNotReturnIf(false)] bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PackingException(otherwise);
        }
    }
}
