using System.Numerics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>A function of one element, for vectors of the width that the runtime prefers; a and b are the operation's numbers.</summary>
internal interface IElementFunction
{
    static abstract Vector<float> Of(Vector<float> x, float a, float b);
}

/// <summary>A function of two elements.</summary>
internal interface IPairFunction
{
    static abstract Vector<float> Of(Vector<float> x, Vector<float> y);
}
