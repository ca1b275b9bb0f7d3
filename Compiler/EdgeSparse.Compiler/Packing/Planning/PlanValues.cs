using System.Collections.Immutable;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The plan's values and its steps so far; copies into other layouts are made when a reader first asks for them.</summary>
internal sealed class PlanValues(LayoutAssignment layouts)
{
    private readonly ImmutableArray<PlanValue>.Builder values = ImmutableArray.CreateBuilder<PlanValue>();
    private readonly ImmutableArray<PlanOperation>.Builder operations = ImmutableArray.CreateBuilder<PlanOperation>();
    private readonly Dictionary<string, int> primary = [];
    private readonly HashSet<string> views = [];
    private readonly Dictionary<(int Value, ValueLayout Layout), int> copies = [];

    public ImmutableArray<PlanValue> Values => values.ToImmutable();

    public ImmutableArray<PlanOperation> Operations => operations.ToImmutable();

    /// <summary>Adds a value where its producer writes it.</summary>
    public int Define(string value)
    {
        values.Add(new PlanValue(value, layouts.Of(value), values.Count));
        return primary[value] = values.Count - 1;
    }

    /// <summary>Lets a name stand for the pixels of a planar value in row-major order, whatever its readers call their shape.</summary>
    public void View(string value, int index)
    {
        primary[value] = index;
        views.Add(value);
    }

    public void Add(PlanOperation operation) => operations.Add(operation);

    /// <summary>The value itself.</summary>
    public int Primary(string value) => primary[value];

    public PlanValue this[int index] => values[index];

    /// <summary>The value in a layout: itself, or its copy.</summary>
    /// <param name="value">The value.</param>
    /// <param name="layout">Where its pixels shall lie.</param>
    /// <param name="anyPlanes">Planar pixels may be called planes of another shape.</param>
    public int InLayout(string value, ValueLayout layout, bool anyPlanes)
    {
        int source = primary[value];
        if (values[source].Layout == layout || (anyPlanes && views.Contains(value)))
        {
            return source;
        }

        if (!copies.TryGetValue((source, layout), out int copy))
        {
            RegionGeometry g = layout.Geometry;
            string kind = g.IsPlanar ? "planar" : $"{(g.IsFlat ? "flat" : $"{g.GridY}x{g.GridX}")}of{g.RegionY}x{g.RegionX}";
            string name = layout.Frame == Frame.Lowest ? $"{values[source].Name}:{kind}-lowest" : $"{values[source].Name}:{kind}";
            copy = values.Count;
            values.Add(new PlanValue(name, layout, copy));
            copies[(source, layout)] = copy;
            operations.Add(new PlanOperation(name, OperationKind.Relayout, [source], copy));
        }

        return copy;
    }
}
