namespace EdgeSparse.Compiler.Pruning.Curvature;

/// <summary>How the inverse of an empirical Fisher matrix is kept.</summary>
internal enum CurvatureForm
{
    /// <summary><see cref="Dense"/> for blocks of up to as many weights as gradients, else <see cref="Dual"/>: what takes less memory.</summary>
    Automatic,

    /// <summary>Matrices, one a block: 8·c·d bytes for blocks of c among d weights.</summary>
    Dense,

    /// <summary>M-FAC's vectors (Frantar, Kurtic and Alistarh 2021): 8·N·d bytes.</summary>
    Factored,

    /// <summary>The gradients and a matrix between them: 4·N·d bytes, and 8·N² a block.</summary>
    Dual,

    /// <summary>The diagonal of the Fisher matrix alone: 8·d bytes.</summary>
    Diagonal,
}

/// <summary>Which empirical Fisher matrix is inverted.</summary>
/// <param name="Dampening">λ, above 0, added to the diagonal: 1e-5 in WoodFisher's experiments.</param>
/// <param name="BlockSize">c, weights of a block; null: all in one.</param>
/// <param name="Centred">Whether the mean gradient's square is taken off, which leaves the gradients' covariance.</param>
/// <param name="Form">How the inverse is kept.</param>
internal sealed record FisherOptions(
    double Dampening = 1e-5, long? BlockSize = null, bool Centred = false, CurvatureForm Form = CurvatureForm.Automatic);
