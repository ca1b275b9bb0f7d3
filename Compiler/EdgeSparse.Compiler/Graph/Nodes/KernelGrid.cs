namespace EdgeSparse.Compiler.Graphs;

/// <summary>
/// How a weight tensor divides into kernels, one for each pair of an input and an output channel of the same group. Kernels lie
/// one after the other.
/// </summary>
/// <param name="Outputs">Output channels of all groups.</param>
/// <param name="Inputs">Input channels of all groups.</param>
/// <param name="Groups">Divides both.</param>
/// <param name="KernelElements">Weights of one kernel.</param>
/// <param name="InputsFirst">The order is [in, out/groups]; else it is [out, in/groups].</param>
public sealed record KernelGrid(int Outputs, int Inputs, int Groups, int KernelElements, bool InputsFirst = false)
{
    private readonly int outputsPerGroup = Outputs / Groups;
    private readonly int inputsPerGroup = Inputs / Groups;

    /// <summary>The output channel that an element of the weight adds to.</summary>
    public int OutputOf(int element)
    {
        int kernel = element / KernelElements;
        return InputsFirst
            ? (kernel / outputsPerGroup / inputsPerGroup * outputsPerGroup) + (kernel % outputsPerGroup)
            : kernel / inputsPerGroup;
    }

    /// <summary>The first element of the kernel from an input to an output, or null when they are in different groups.</summary>
    public int? At(int output, int input)
    {
        if (output / outputsPerGroup != input / inputsPerGroup)
        {
            return null;
        }

        int kernel = InputsFirst
            ? (input * outputsPerGroup) + (output % outputsPerGroup)
            : (output * inputsPerGroup) + (input % inputsPerGroup);
        return kernel * KernelElements;
    }

    /// <summary>The first elements of all kernels of an output.</summary>
    public IEnumerable<int> KernelsOf(int output) =>
        Enumerable.Range(output / outputsPerGroup * inputsPerGroup, inputsPerGroup).Select(input => At(output, input)!.Value);
}
