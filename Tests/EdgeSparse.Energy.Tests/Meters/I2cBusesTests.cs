using EdgeSparse.Energy.Meters;

namespace EdgeSparse.Energy.Tests.Meters;

public sealed class I2cBusesTests : IDisposable
{
    private readonly SystemTree tree = new();

    [Fact]
    public void Buses_are_found_in_order_of_their_numbers()
    {
        tree.With("dev", ("i2c-10", ""), ("i2c-1", ""), ("i2c-x", ""), ("tty1", ""));
        Assert.Equal([1, 10], I2cBuses.Find(tree["dev"]));
        Assert.Empty(I2cBuses.Find(tree["none"]));
    }

    [Fact]
    public void An_absent_bus_is_told_with_those_that_are_there()
    {
        tree.With("dev", ("i2c-1", ""));
        I2cBuses.RequireAccess(1, tree["dev"]);
        Assert.Equal(
            $"there is no I2C bus 9 ({tree["dev"]}/i2c-9); there are: 1", Assert.Throws<MeterException>(() => I2cBuses.RequireAccess(9, tree["dev"])).Message);
    }

    [Fact]
    public void Without_any_bus_the_message_says_how_to_switch_it_on()
    {
        tree.With("dev");
        Assert.Equal(
            $"there is no I2C bus 1 ({tree["dev"]}/i2c-1); switch I2C on, on a Raspberry Pi with: sudo raspi-config nonint do_i2c 0",
            Assert.Throws<MeterException>(() => I2cBuses.RequireAccess(1, tree["dev"])).Message);
    }

    [Fact]
    public void A_forbidden_bus_is_told()
    {
        // A folder in the device's place is refused as a file without permission is, to root too.
        Directory.CreateDirectory(tree["dev/i2c-1"]);
        Assert.Equal(
            $"no permission for {tree["dev"]}/i2c-1; join its group and log in again: sudo usermod -aG i2c $USER",
            Assert.Throws<MeterException>(() => I2cBuses.RequireAccess(1, tree["dev"])).Message);
    }

    public void Dispose() => tree.Dispose();
}
