using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public sealed class RaplMeterTests : IDisposable
{
    private const string Package0 = "class/powercap/intel-rapl:0";
    private const string Package1 = "class/powercap/intel-rapl:1";
    private const long Range = 262143328850;
    private readonly SystemTree tree = new();

    public RaplMeterTests() => tree
        .With(Package0, ("name", "package-0"), ("energy_uj", "1000000"), ("max_energy_range_uj", $"{Range}"))
        .With("class/powercap/intel-rapl:0:0", ("name", "core"), ("energy_uj", "700000"), ("max_energy_range_uj", $"{Range}"))
        .With("class/powercap/intel-rapl-mmio:0", ("name", "package-0"), ("energy_uj", "5"), ("max_energy_range_uj", $"{Range}"))
        .With("class/powercap/intel-rapl", ("enabled", "1"));

    [Fact]
    public void Energy_counts_from_the_opening()
    {
        using RaplMeter meter = RaplMeter.Open(null, tree.Root);
        Assert.Equal(0, meter.Read().Value);
        tree.Set($"{Package0}/energy_uj", 3_500_000);
        Assert.Equal(2.5, meter.Read().Value, 1e-12);
        Assert.Equal(MeterQuantity.Energy, meter.Info.Quantity);
    }

    [Fact]
    public void All_packages_are_summed_and_a_zone_can_be_named()
    {
        tree.With(Package1, ("name", "package-1"), ("energy_uj", "50"), ("max_energy_range_uj", $"{Range}"));
        using RaplMeter all = RaplMeter.Open(null, tree.Root);
        using RaplMeter core = RaplMeter.Open("core", tree.Root);
        tree.Set($"{Package0}/energy_uj", 2_000_000);
        tree.Set($"{Package1}/energy_uj", 500_050);
        tree.Set("class/powercap/intel-rapl:0:0/energy_uj", 900_000);
        Assert.Equal(1.5, all.Read().Value, 1e-12);
        Assert.Equal(0.2, core.Read().Value, 1e-12);
    }

    [Fact]
    public void The_counter_wraps_around_many_times()
    {
        using RaplMeter meter = RaplMeter.Open(null, tree.Root);
        long counter = 1_000_000;
        for (int i = 1; i <= 10; i++)
        {
            counter = (counter + 100_000_000_000) % Range;
            tree.Set($"{Package0}/energy_uj", counter);
            Assert.Equal(i * 100_000.0, meter.Read().Value, 1e-6);
        }
    }

    [Fact]
    public void A_counter_that_begins_anew_is_told()
    {
        using RaplMeter meter = RaplMeter.Open(null, tree.Root);
        tree.Set($"{Package0}/energy_uj", 7);
        Assert.Equal(
            $"{tree[Package0]}/energy_uj jumped from 1000000 to 7 µJ: the counter was set back, as in a suspend to memory",
            Assert.Throws<MeterException>(() => meter.Read()).Message);
    }

    [Fact]
    public void An_unknown_zone_and_a_machine_without_counters_are_told()
    {
        Assert.Equal(
            "there is no RAPL zone 'psys'; there are: package-0, core", Assert.Throws<MeterException>(() => RaplMeter.Open("psys", tree.Root)).Message);
        Assert.StartsWith(
            $"this machine offers no RAPL counters ({tree["nothing"]}/class/powercap/intel-rapl:*)",
            Assert.Throws<MeterException>(() => RaplMeter.Open(null, tree["nothing"])).Message);
    }

    [Fact]
    public void Counters_that_only_root_may_read_are_told_with_the_way_out()
    {
        // A folder in the file's place is refused as a file without permission is, to root too.
        File.Delete(tree[$"{Package0}/energy_uj"]);
        Directory.CreateDirectory(tree[$"{Package0}/energy_uj"]);
        Assert.Equal(
            $"no permission to read {tree[Package0]}/energy_uj; run this as root, or once: sudo chmod a+r {tree[Package0]}/energy_uj",
            Assert.Throws<MeterException>(() => RaplMeter.Open(null, tree.Root)).Message);
    }

    public void Dispose() => tree.Dispose();
}
