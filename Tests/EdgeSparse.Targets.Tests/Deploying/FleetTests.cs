using EdgeSparse.Targets.Deploying;

namespace EdgeSparse.Targets.Tests.Deploying;

public sealed class FleetTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    [Fact]
    public void An_inventory_has_one_host_a_line()
    {
        File.WriteAllText(file, "# the hall\npi@one\n\n  pi@two:2222  # by the door\n");
        Assert.Equal([new HostAddress("pi", "one", 22), new HostAddress("pi", "two", 2222)], Fleet.ReadInventory(file));
    }

    [Theory]
    [InlineData("pi@one\npi@two:x\n", "(2): 'pi@two:x' is no host; hosts have the form user@host or user@host:port")]
    [InlineData("pi@one\npi@one\n", "(2): 'pi@one' stands there twice")]
    public void A_wrong_line_is_named_by_its_number(string text, string expected)
    {
        File.WriteAllText(file, text);
        Assert.Equal(file + expected, Assert.Throws<TargetsException>(() => Fleet.ReadInventory(file)).Message);
    }

    [Fact]
    public void An_inventory_without_hosts_is_refused()
    {
        File.WriteAllText(file, "# nobody\n");
        Assert.Equal($"the inventory '{file}' has no host", Assert.Throws<TargetsException>(() => Fleet.ReadInventory(file)).Message);
        Assert.StartsWith("cannot read the inventory 'no/such'", Assert.Throws<TargetsException>(() => Fleet.ReadInventory("no/such")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(10, 10, 1)]
    [InlineData(11, 10, 2)]
    [InlineData(5, 0, 0)]
    [InlineData(5, 100, 5)]
    public void Canaries_are_a_share_and_at_least_one(int hosts, double percent, int expected) => Assert.Equal(expected, Fleet.CanaryCount(hosts, percent));

    public void Dispose() => File.Delete(file);
}
