namespace EdgeSparse.Runtime.Blob;

/// <summary>Activations: kinds of operations that have one, and parameters that are numbers.</summary>
internal static unsafe class ActivationCheck
{
    /// <summary>Of the integers that WrapInteger makes.</summary>
    private const float MostBits = 64f;

    public static void Check(BlobView blob, int i, OperationRecord* step)
    {
        bool activated = step->Kind is OperationKind.Linear or OperationKind.Conv2d or OperationKind.Add or OperationKind.ChannelAffine
            or OperationKind.Activate or OperationKind.Binary or OperationKind.Select or OperationKind.MatMul;
        if (step->Activation > Activation.WrapInteger || (step->Activation != Activation.None && !activated))
        {
            throw OperationCheck.Wrong(blob, i, "its activation is " + (uint)step->Activation + ", which its kind does not have");
        }

        if (step->Activation == Activation.None && step->Kind == OperationKind.Activate)
        {
            throw OperationCheck.Wrong(blob, i, "it has no activation, which is all that its kind does");
        }

        float a = step->ActivationA;
        float b = step->ActivationB;
        bool fits = step->Activation switch
        {
            Activation.Clip => a <= b,
            Activation.LeakyRelu or Activation.Elu => float.IsFinite(a) && b == 0f,
            Activation.Selu or Activation.HardSigmoid => float.IsFinite(a) && float.IsFinite(b),
            Activation.WrapInteger => a is >= 1f and <= MostBits && a == MathF.Floor(a) && (b is 0f or 1f),
            Activation.None when step->Kind == OperationKind.Rearrange => b == 0f,
            Activation.None when step->Kind == OperationKind.Normalise => float.IsFinite(a) && a >= 0f && b == 0f,
            _ => a == 0f && b == 0f,
        };
        if (!fits)
        {
            throw OperationCheck.Wrong(blob, i, "ActivationA " + a + " and ActivationB " + b + " are not what its activation takes");
        }
    }
}
