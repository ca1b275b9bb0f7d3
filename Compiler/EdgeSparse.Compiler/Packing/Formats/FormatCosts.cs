namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// What one step of each format's kernel costs, in nanoseconds of one core; the packer compares sums of them, so that only
/// the ratios matter.
/// </summary>
/// <param name="DenseProduct">Fully connected, dense: a weight, zero or not.</param>
/// <param name="CsrProduct">Fully connected, CSR: a non-zero, with its gathered input.</param>
/// <param name="ReducedRow">Fully connected, dense or CSR: starting a row, and adding up the lanes of its sum.</param>
/// <param name="SlicedEllEntry">Fully connected, SlicedEll: one vector of weights, padding lanes included.</param>
/// <param name="SlicedEllSlice">Fully connected, SlicedEll: a slice's three loops, and guessing their lengths wrong.</param>
/// <param name="SlicedEllRow">Fully connected, SlicedEll: storing a row.</param>
/// <param name="ConvolutionDenseProduct">Convolution, dense: a weight times a vector of pixels.</param>
/// <param name="ConvolutionCsrProduct">Convolution, CSR: a non-zero times a vector of pixels.</param>
internal sealed record FormatCosts(
    double DenseProduct,
    double CsrProduct,
    double ReducedRow,
    double SlicedEllEntry,
    double SlicedEllSlice,
    double SlicedEllRow,
    double ConvolutionDenseProduct,
    double ConvolutionCsrProduct)
{
    /// <summary>
    /// Fitted to times of the runtime's kernels on one Zen 4 core, with AVX-512, AVX2 and 128-bit vectors: layers of 784→300 to
    /// 1024→1024 and convolutions of 20 to 512 channels, at densities from 0.2 to 100 %, weights in the second-level cache. The
    /// 128-bit SlicedEll kernel collects its inputs one by one, so that its entries cost more than CSR's weights. A dense
    /// convolution uses what it loads for four rows at once, so that it wins above about 57 % of weights kept.
    /// </summary>
    public static FormatCosts ForLanes(int lanes)
    {
        (double product, double entry) = lanes switch
        {
            16 => (0.043, 0.8),
            8 => (0.043, 0.66),
            _ => (0.057, 1.8),
        };
        return new FormatCosts(
            DenseProduct: product,
            CsrProduct: 0.3,
            ReducedRow: 2,
            SlicedEllEntry: entry,
            SlicedEllSlice: 12,
            SlicedEllRow: 0.5,
            ConvolutionDenseProduct: 0.37,
            ConvolutionCsrProduct: 0.65);
    }
}
