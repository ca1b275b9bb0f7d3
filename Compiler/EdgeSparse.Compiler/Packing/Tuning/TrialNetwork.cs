using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// A network of one layer with one candidate's weight, to be timed: its input and output lie as in the whole network, and are
/// copied from and to what the caller gives and takes. What a residual adds is left out: it is the same for all candidates.
/// </summary>
internal static class TrialNetwork
{
    /// <summary>The name of the layer's step.</summary>
    public const string Step = "layer";

    /// <returns>The bytes of an .esb file.</returns>
    public static byte[] Pack(LayerProblem problem, PackedWeight weight)
    {
        List<PlanValue> values = [];
        List<PlanOperation> operations = [];
        int Add(string name, ValueLayout layout)
        {
            values.Add(new PlanValue(name, layout, values.Count));
            return values.Count - 1;
        }

        int given = Add("input", problem.Input.Geometry.IsPlanar ? problem.Input : ValueLayout.Planar("input", problem.Input.Shape));
        int input = given;
        if (!problem.Input.Geometry.IsPlanar)
        {
            input = Add("blocked-input", problem.Input);
            operations.Add(new PlanOperation("in", OperationKind.Relayout, [given], input));
        }

        int output = Add("output", problem.Output);
        operations.Add(new PlanOperation(Step, problem.IsConvolution ? OperationKind.Conv2d : OperationKind.Linear, [input], output)
        {
            Weight = 0,
            Window = problem.Window,
            Activation = problem.Activation,
        });
        int taken = output;
        if (!problem.Output.Geometry.IsPlanar)
        {
            taken = Add("planar-output", ValueLayout.Planar("output", problem.Output.Shape));
            operations.Add(new PlanOperation("out", OperationKind.Relayout, [output], taken));
        }

        Plan plan = new(
            [.. values], [.. operations], [weight],
            [Bind(BindingKind.Input, "input", given, problem.Input), Bind(BindingKind.Output, "output", taken, problem.Output)], []);
        return BlobWriter.Write(plan, ArenaPlan.Of(plan), "{}"u8.ToArray());
    }

    private static PlanBinding Bind(BindingKind kind, string name, int value, ValueLayout layout)
    {
        PlaneShape shape = layout.Shape;
        return new PlanBinding(kind, name, value, new TensorShape(1, shape.Channels, shape.Height, shape.Width), null);
    }
}
