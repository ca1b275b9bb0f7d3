using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace EdgeSparse.Compiler.Training;

/// <summary>What an optimizer remembers of a run, for another run to go on with: momentum, and for AdamW both moments.</summary>
/// <param name="Kind">A run with an optimizer of another kind begins without: the numbers would mean something else.</param>
/// <param name="Steps">Steps behind it, which AdamW's corrections of bias depend on.</param>
/// <param name="Slots">By <c>weight#slot</c>, row-major, as many values as the weight has.</param>
internal sealed record OptimizerState(OptimizerKind Kind, long Steps, ImmutableSortedDictionary<string, float[]> Slots)
{
    /// <summary>The name of a slot; slots count from 0.</summary>
    public static string SlotOf(string weight, int slot) => string.Create(CultureInfo.InvariantCulture, $"{weight}#{slot}");

    /// <summary>The same state for weights of other shapes.</summary>
    /// <param name="change">From a weight's name and the values beside it to those beside the new weight.</param>
    public OptimizerState Changed(Func<string, float[], float[]> change) =>
        this with { Slots = Slots.ToImmutableSortedDictionary(s => s.Key, s => change(s.Key[..s.Key.LastIndexOf('#')], s.Value), StringComparer.Ordinal) };

    /// <summary>Adds all of it to a digest.</summary>
    public void AppendTo(IncrementalHash hash)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Kind} {Steps}\0")));
        foreach ((string name, float[] values) in Slots)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name} {values.Length}\0")));
            hash.AppendData(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }
}
