using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Lets activation, sum, other functions of two values and per-channel scale write over an input of the same layout that nothing reads afterwards, and a
/// convolution over what it adds. Inputs, outputs and constants of the network keep memory of their own.
/// </summary>
internal static class InPlace
{
    public static Plan Apply(Plan plan)
    {
        int[] lastRead = LastReads(plan);
        PlanValue[] values = [.. plan.Values];
        for (int step = 0; step < plan.Operations.Length; step++)
        {
            PlanOperation operation = plan.Operations[step];
            PlanValue output = values[operation.Output];
            int over = Candidates(operation).FirstOrDefault(i => lastRead[i] == step && values[i].Layout == output.Layout, -1);
            if (over >= 0)
            {
                values[operation.Output] = output with { Storage = values[over].Storage };
            }
        }

        return plan with { Values = [.. values] };
    }

    private static IEnumerable<int> Candidates(PlanOperation operation) => operation.Kind switch
    {
        OperationKind.Activate or OperationKind.Add or OperationKind.ChannelAffine => operation.Inputs,
        OperationKind.Binary when operation.Parameters.IsEmpty => operation.Inputs,
        OperationKind.Conv2d => operation.Inputs.Skip(1).Where(i => i != operation.Inputs[0]),
        _ => [],
    };

    private static int[] LastReads(Plan plan)
    {
        int[] lastRead = new int[plan.Values.Length];
        Array.Fill(lastRead, -1);
        List<int> kept = [];
        for (int step = 0; step < plan.Operations.Length; step++)
        {
            foreach (int input in plan.Operations[step].Inputs)
            {
                lastRead[input] = step;
            }

            if (plan.Operations[step].Kind == OperationKind.Constant)
            {
                kept.Add(plan.Operations[step].Output);
            }
        }

        foreach (int value in plan.Bindings.Select(b => b.Value).Concat(kept))
        {
            lastRead[value] = int.MaxValue;
        }

        return lastRead;
    }
}
