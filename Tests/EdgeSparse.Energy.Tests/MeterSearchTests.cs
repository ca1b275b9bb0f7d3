namespace EdgeSparse.Energy.Tests;

public sealed class MeterSearchTests : IDisposable
{
    private readonly SystemTree tree = new();

    [Fact]
    public void Every_meter_is_listed_with_what_it_reads_or_why_it_does_not()
    {
        tree.With("class/hwmon/hwmon0", ("name", "ina3221"), ("in1_input", "5000"), ("curr1_input", "400"), ("in1_label", "VDD_IN"))
            .With("class/powercap/intel-rapl:0", ("name", "package-0"), ("energy_uj", "1"), ("max_energy_range_uj", "1000"))
            .With("class/power_supply/BAT0", ("type", "Battery"), ("status", "Charging"), ("current_now", "1"), ("voltage_now", "4000000"))
            .With("dev", ("i2c-1", ""));
        IReadOnlyList<FoundMeter> found = MeterSearch.Find(tree.Root, tree["dev"]);
        Assert.Equal(["hwmon:ina3221/VDD_IN", "rapl", "rapl:package-0", "battery:BAT0", "ina219:bus=1"], found.Select(m => m.Name));
        Assert.Equal([2.0, null, null, null, null], found.Select(m => m.Watts));
        Assert.Equal([false, false, false, true, false], found.Select(m => m.Problem is not null));
        Assert.Contains("unplug the charger", found[3].Problem);
    }

    [Fact]
    public void A_machine_without_meters_has_none() => Assert.Empty(MeterSearch.Find(tree.Root, tree["dev"]));

    public void Dispose() => tree.Dispose();
}
