namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// The few vector operations that kernels are made of, so that one source serves every vector width. The type of the vector is
/// a parameter of its own: a generic method over it compiles to plain registers.
/// </summary>
internal unsafe interface IVectorOps<TVector>
    where TVector : unmanaged
{
    /// <summary>How kernel names call this width.</summary>
    static abstract string Name { get; }

    /// <summary>The least instruction set that has it.</summary>
    static abstract InstructionSet Set { get; }

    /// <summary>Elements of a vector.</summary>
    static abstract int Count { get; }

    static abstract TVector Zero { get; }

    static abstract TVector Broadcast(float value);

    static abstract TVector Load(float* from);

    static abstract void Store(TVector vector, float* to);

    static abstract TVector Add(TVector left, TVector right);

    /// <summary>left · right + addend, rounded once where the machine has that.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>The larger of each pair; <paramref name="right"/> where it is not a number.</summary>
    static abstract TVector Max(TVector left, TVector right);

    /// <summary>The smaller of each pair; <paramref name="right"/> where it is not a number.</summary>
    static abstract TVector Min(TVector left, TVector right);

    static abstract TVector Multiply(TVector left, TVector right);

    static abstract float Sum(TVector vector);

    /// <summary>Between the step's Low and High.</summary>
    static abstract TVector Clamp(Step* step, TVector vector);

    /// <summary>Four weights in each 128 bits: one load instead of four.</summary>
    static abstract TVector LoadFour(float* weights);

    /// <summary>One of the four weights in all elements.</summary>
    /// <param name="four">What <see cref="LoadFour"/> gave.</param>
    /// <param name="weights">Where that came from.</param>
    /// <param name="lane">Which one, 0 to 3: a constant, for the instruction has it in its encoding.</param>
    static abstract TVector Spread(TVector four, float* weights, int lane);

    /// <summary>
    /// left · weight + addend, the weight being element <paramref name="lane"/> of <paramref name="four"/>, which
    /// <paramref name="spread"/> has in all elements: Arm multiplies by an element, others by the spread one.
    /// </summary>
    static abstract TVector MultiplyAddSpread(
        TVector left, TVector spread, TVector four, int lane, TVector addend);

    /// <summary>Four weights for <see cref="MultiplyAddElement"/>; nothing where that takes them from memory.</summary>
    static abstract TVector LoadElements(float* weights);

    /// <summary>
    /// left · weights[lane] + addend: a broadcast from memory costs x64 nothing where loads are not the limit, a product by an
    /// element of a loaded vector costs Arm nothing.
    /// </summary>
    static abstract TVector MultiplyAddElement(TVector left, TVector elements, float* weights, int lane, TVector addend);
}
