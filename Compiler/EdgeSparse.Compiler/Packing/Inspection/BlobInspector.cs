using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>Describes what is in a blob, for <c>edgesparse inspect</c>.</summary>
public static unsafe class BlobInspector
{
    /// <exception cref="BlobFormatException">The file is no valid blob.</exception>
    /// <exception cref="EdgeSparseException">The file is missing or cannot be read.</exception>
    public static BlobSummary Inspect(string path)
    {
        using Model model = Model.Load(path);
        return Inspect(model);
    }

    /// <exception cref="BlobFormatException">The bytes are no valid blob.</exception>
    public static BlobSummary Inspect(ReadOnlySpan<byte> blob)
    {
        using Model model = Model.FromBytes(blob);
        return Inspect(model);
    }

    /// <param name="model">What a model has loaded is valid, so that its records can be read as they lie.</param>
    /// <exception cref="BlobFormatException">The metadata is no JSON, which a model does not need.</exception>
    public static BlobSummary Inspect(Model model)
    {
        BlobView blob = model.View;
        BlobHeader* header = blob.Header;
        ImmutableArray<TensorSummary> tensors = Tensors(blob);
        return new BlobSummary(
            (int)header->Version,
            string.Create(CultureInfo.InvariantCulture, $"{header->DigestHigh:x16}{header->DigestLow:x16}"),
            model.BlobBytes,
            model.ArenaBytes,
            Totals(tensors),
            Sections(blob),
            [.. model.Inputs],
            [.. model.Outputs],
            tensors,
            Operations(blob, model.Layers),
            Values(blob),
            Metadata(model));
    }

    private static WeightTotals Totals(ImmutableArray<TensorSummary> tensors)
    {
        // A per-channel scale (one column) is no weight that pruning counts.
        TensorSummary[] counted = [.. tensors.Where(t => t.Shape.Length > 1)];
        long total = counted.Sum(t => (long)t.Rows * t.Columns);
        long nonZeros = counted.Sum(t => t.NonZeros);
        return new WeightTotals(
            total, nonZeros, SparsityOf(nonZeros, total), total * sizeof(float),
            counted.Sum(t => t.ValueBytes + t.IndexBytes + t.PointerBytes + t.RowMapBytes));
    }

    private static double SparsityOf(long nonZeros, long total) => total == 0 ? 0 : 1 - ((double)nonZeros / total);

    private static ImmutableArray<SectionSummary> Sections(BlobView blob)
    {
        var table = (SectionEntry*)(blob.Memory.Pointer + blob.Header->HeaderBytes);
        var sections = ImmutableArray.CreateBuilder<SectionSummary>();
        for (uint i = 0; i < blob.Header->SectionCount; i++)
        {
            sections.Add(new SectionSummary(table[i].Kind.ToString(), (long)table[i].Offset, (long)table[i].Length));
        }

        return sections.DrainToImmutable();
    }

    private static ImmutableArray<TensorSummary> Tensors(BlobView blob)
    {
        var tensors = ImmutableArray.CreateBuilder<TensorSummary>();
        for (int i = 0; i < blob.WeightCount; i++)
        {
            WeightRecord* weight = blob.Weights + i;
            long stored = (long)weight->ValueBytes / sizeof(float);
            tensors.Add(new TensorSummary(
                TextCheck.Name(blob, weight->NameOffset, weight->NameLength),
                FirstUser(blob, i),
                [.. new ReadOnlySpan<int>(&weight->Dim0, weight->Rank)],
                weight->Format.ToString(),
                weight->Rows,
                weight->Columns,
                weight->NonZeros,
                SparsityOf(weight->NonZeros, (long)weight->Rows * weight->Columns),
                stored == 0 ? 1 : (double)weight->NonZeros / stored,
                (long)weight->ValueBytes,
                (long)(weight->IndexBytes + weight->WindowBytes),
                (long)weight->PointerBytes,
                (long)weight->RowMapBytes,
                (long)weight->BiasBytes));
        }

        return tensors.DrainToImmutable();
    }

    private static string FirstUser(BlobView blob, int weight)
    {
        for (int i = 0; i < blob.OperationCount; i++)
        {
            if (blob.Operations[i].Weight == weight)
            {
                return TextCheck.Name(blob, blob.Operations[i].NameOffset, blob.Operations[i].NameLength);
            }
        }

        return "";
    }

    private static ImmutableArray<OperationSummary> Operations(BlobView blob, IReadOnlyList<LayerInfo> layers)
    {
        var operations = ImmutableArray.CreateBuilder<OperationSummary>();
        for (int i = 0; i < blob.OperationCount; i++)
        {
            OperationRecord* step = blob.Operations + i;
            operations.Add(new OperationSummary(
                layers[i].Name,
                layers[i].Operation,
                step->Activation.ToString(),
                InputNames(blob, step),
                ValueName(blob, step->Output),
                step->Weight < 0 ? null : TextCheck.Name(blob, blob.Weights[step->Weight].NameOffset, blob.Weights[step->Weight].NameLength),
                layers[i].Kernel));
        }

        return operations.DrainToImmutable();
    }

    private static ImmutableArray<string> InputNames(BlobView blob, OperationRecord* step) =>
        [.. ((int[])[step->Input0, step->Input1, step->Input2]).Where(i => i >= 0).Select(i => ValueName(blob, i))];

    private static ImmutableArray<ValueSummary> Values(BlobView blob)
    {
        var values = ImmutableArray.CreateBuilder<ValueSummary>();
        for (int i = 0; i < blob.ValueCount; i++)
        {
            ref readonly ValueRecord value = ref blob.Values[i];
            values.Add(new ValueSummary(
                ValueName(blob, i), value.Channels, value.Height, value.Width, value.Lanes, value.GridY, value.GridX, value.RegionY,
                value.RegionX, [value.HaloTop, value.HaloLeft, value.HaloBottom, value.HaloRight], value.Frame.ToString(),
                value.ArenaOffset, value.Elements * sizeof(float)));
        }

        return values.DrainToImmutable();
    }

    private static string ValueName(BlobView blob, int value) =>
        TextCheck.Name(blob, blob.Values[value].NameOffset, blob.Values[value].NameLength);

    private static JsonElement Metadata(Model model)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(model.MetadataJson);
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new BlobFormatException($"the section Metadata is no JSON: {e.Message}", e);
        }
    }
}
