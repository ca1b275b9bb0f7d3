namespace EdgeSparse.Runtime.Blob;

/// <summary>Functions of two elements x and y, for <see cref="OperationKind.Binary"/>.</summary>
internal enum ElementFunction : uint
{
    Add = 0,
    Sub = 1,
    Mul = 2,
    Div = 3,

    /// <summary>x/y rounded towards zero.</summary>
    IntegerDiv = 4,
    Pow = 5,
    Min = 6,
    Max = 7,

    /// <summary>x where x ≥ 0, else x·y.</summary>
    PRelu = 8,

    /// <summary>Remainder with the sign of x.</summary>
    Fmod = 9,

    /// <summary>Remainder with the sign of y.</summary>
    Mod = 10,

    /// <summary>1 or 0, as the following ones.</summary>
    Equal = 11,
    Less = 12,
    LessOrEqual = 13,
    Greater = 14,
    GreaterOrEqual = 15,
    And = 16,
    Or = 17,
    Xor = 18,
}

/// <summary>What <see cref="OperationKind.Reduce"/> computes.</summary>
internal enum ReductionFunction : uint
{
    Sum = 0,
    Mean = 1,
    Max = 2,
    Min = 3,
    Product = 4,

    /// <summary>Index of the largest element, of equal ones the first.</summary>
    ArgMaxFirst = 5,
    ArgMaxLast = 6,
    ArgMinFirst = 7,
    ArgMinLast = 8,
}

/// <summary>What is done to a result x before it is stored. A and B are the operation's ActivationA and ActivationB.</summary>
internal enum Activation : uint
{
    None = 0,

    /// <summary>max(x, 0).</summary>
    Relu = 1,

    /// <summary>min(max(x, A), B); ReLU6 is A = 0, B = 6.</summary>
    Clip = 2,

    /// <summary>x where x ≥ 0, else A·x.</summary>
    LeakyRelu = 3,

    /// <summary>x · min(max(x/6 + 1/2, 0), 1).</summary>
    HardSwish = 4,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid = 5,
    Tanh = 6,

    /// <summary>x where x ≥ 0, else A·(eˣ − 1).</summary>
    Elu = 7,

    /// <summary>B·x where x > 0, else B·A·(eˣ − 1).</summary>
    Selu = 8,

    /// <summary>min(max(A·x + B, 0), 1).</summary>
    HardSigmoid = 9,

    /// <summary>ln(1 + eˣ).</summary>
    Softplus = 10,

    /// <summary>x/2 · (1 + erf(x/√2)).</summary>
    Gelu = 11,

    /// <summary>x/2 · (1 + tanh(√(2/π)·(x + 0.044715·x³))).</summary>
    GeluTanh = 12,

    /// <summary>x · tanh(ln(1 + eˣ)).</summary>
    Mish = 13,
    Erf = 14,
    Exp = 15,

    /// <summary>The natural logarithm.</summary>
    Log = 16,
    Sqrt = 17,
    Abs = 18,
    Neg = 19,

    /// <summary>1/x.</summary>
    Reciprocal = 20,
    Floor = 21,
    Ceil = 22,

    /// <summary>To the nearest integer, halves to the even one.</summary>
    Round = 23,

    /// <summary>−1, 0 or 1.</summary>
    Sign = 24,

    /// <summary>1 where x is 0, else 0.</summary>
    Not = 25,

    /// <summary>Rounded towards zero.</summary>
    Truncate = 26,

    /// <summary>0 where x is 0, else 1.</summary>
    IsNonZero = 27,

    /// <summary>To the nearest number of 16 bits.</summary>
    Half = 28,

    /// <summary>Rounded towards zero, modulo 2^A; with B = 1 as a signed number of A bits.</summary>
    WrapInteger = 29,
}
