namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// What one step of each format's kernel costs, in nanoseconds of one core; the packer compares sums of them, so that only
/// the ratios matter.
/// </summary>
/// <param name="DenseProduct">Fully connected, dense: a weight, zero or not.</param>
/// <param name="CsrProduct">Fully connected, CSR: a non-zero, with its gathered input.</param>
/// <param name="CsrRow">Fully connected, CSR: starting a row and reducing it.</param>
/// <param name="SlicedEllEntry">Fully connected, SlicedEll: one vector of weights, padding lanes included.</param>
/// <param name="SlicedEllCell">Fully connected, SlicedEll: loading a window for a slice.</param>
/// <param name="ConvolutionDenseProduct">Convolution, dense: a weight times a vector of pixels.</param>
/// <param name="ConvolutionCsrProduct">Convolution, CSR: a non-zero times a vector of pixels.</param>
internal sealed record FormatCosts(
    double DenseProduct,
    double CsrProduct,
    double CsrRow,
    double SlicedEllEntry,
    double SlicedEllCell,
    double ConvolutionDenseProduct,
    double ConvolutionCsrProduct)
{
    /// <summary>
    /// From one Zen 4 core with AVX-512 (784→300 at 92 % and 4096→4096 at 90 % sparse: CSR 0.47 ns a non-zero, an entry of 16
    /// 0.7 ns from L2), scaled to narrower vectors by their width. A dense convolution reuses a loaded vector of pixels for
    /// several rows, a sparse one does not.
    /// </summary>
    public static FormatCosts ForLanes(int lanes) => new(
        DenseProduct: 0.6 / lanes,
        CsrProduct: 0.47,
        CsrRow: 2,
        SlicedEllEntry: 0.7,
        SlicedEllCell: 0.7,
        ConvolutionDenseProduct: 0.6,
        ConvolutionCsrProduct: 1);
}
