using EdgeSparse.Compiler.Packing;

namespace EdgeSparse.Compiler.Tests.Packing.Tuning;

public sealed class CostFitTests
{
    private static readonly KernelCosts Start = KernelCosts.ForLanes(16);

    [Fact]
    public void Known_costs_come_back_from_times_made_with_them()
    {
        FormatCost csr = new(0.37, 0.9, 450);
        FormatCost sliced = new(0.061, 17, 120);
        LayerMeasurements[] layers =
        [
            Layer(LayerMeasurements.Convolution, "csr", csr, (1e5, 1e4), (5e4, 1.2e4), (2e6, 9e4), (7e5, 2e4), (3e3, 2e3)),
            Layer(LayerMeasurements.Linear, "sliced-ell", sliced, (2e4, 19), (8e3, 19), (4e5, 256), (1e5, 64)),
        ];
        KernelCosts fitted = CostFit.Fit(layers, Start);
        Assert.Equal(csr, fitted.Convolution["csr"]);
        Assert.Equal(sliced, fitted.Linear["sliced-ell"]);
    }

    [Fact]
    public void The_order_of_measurements_changes_nothing()
    {
        LayerMeasurements[] layers =
        [
            .. Enumerable.Range(1, 9).Select(i => Layer(LayerMeasurements.Convolution, "csr", new(0.3 + (0.01 * i % 3), 1, 0), (1e4 * i, 700 * i * i))),
        ];
        Assert.Equal(CostFit.Fit(layers, Start).Convolution["csr"], CostFit.Fit(Enumerable.Reverse(layers), Start).Convolution["csr"]);
    }

    [Fact]
    public void A_format_measured_too_seldom_keeps_its_proportions_and_one_not_measured_goes_with_the_others()
    {
        FormatCost start = Start.Convolution["csr"];
        FormatCost slower = new(start.Weight * 3, start.Row * 3, start.Layer * 3);
        KernelCosts fitted = CostFit.Fit([Layer(LayerMeasurements.Convolution, "csr", slower, (1e5, 1e4))], Start);
        Assert.Equal(3, fitted.Convolution["csr"].Weight / start.Weight, 3);
        Assert.Equal(3, fitted.Convolution["csr"].Row / start.Row, 3);
        Assert.Equal(3, fitted.Convolution["bsr-4x1"].Weight / Start.Convolution["bsr-4x1"].Weight, 3);
        Assert.Equal(Start.Linear["csr"].Weight, fitted.Linear["csr"].Weight, 6);
    }

    [Fact]
    public void Numbers_of_chunks_that_the_packer_would_not_plan_do_not_count()
    {
        FormatCost csr = new(0.5, 2, 0);
        LayerMeasurements layer = Layer(LayerMeasurements.Convolution, "csr", csr, (1e5, 1e4), (5e4, 1.2e4), (2e6, 9e4), (7e5, 2e4));
        FormatMeasurement odd = new("csr", 8, IsPlanned: false, 1e5, 8e4, 99_999);
        Assert.Equal(csr, CostFit.Fit([layer with { Formats = layer.Formats.Add(odd) }], Start).Convolution["csr"]);
    }

    private static LayerMeasurements Layer(string operation, string format, FormatCost cost, params (double Weights, double Rows)[] work) => new(
        $"{format}{work[0]}", operation, [8, 8], 1, 0.5,
        [.. work.Select(w => new FormatMeasurement(format, 1, true, w.Weights, w.Rows, cost.Nanoseconds(new WorkCount(w.Weights, w.Rows)) / 1000))]);
}
