namespace EdgeSparse.Runtime.Blob;

/// <summary>Activations: kinds of operations that have one, and parameters that are numbers.</summary>
internal static unsafe class ActivationCheck
{
    public static void Check(BlobView blob, int i, OperationRecord* step)
    {
        bool activated = step->Kind is OperationKind.Linear or OperationKind.Conv2d or OperationKind.Add or OperationKind.ChannelAffine
            or OperationKind.Activate;
        if (step->Activation > Activation.Sigmoid || (step->Activation != Activation.None && !activated))
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
            Activation.Clip => float.IsFinite(a) && float.IsFinite(b) && a <= b,
            Activation.LeakyRelu => float.IsFinite(a) && b == 0f,
            _ => a == 0f && b == 0f,
        };
        if (!fits)
        {
            throw OperationCheck.Wrong(blob, i, "ActivationA " + a + " and ActivationB " + b + " are not what its activation takes");
        }
    }
}
