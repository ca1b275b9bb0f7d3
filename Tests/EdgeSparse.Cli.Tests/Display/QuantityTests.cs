using EdgeSparse.Cli.Display;

namespace EdgeSparse.Cli.Tests.Display;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0.00")]
    [InlineData(9.99, "9.99")]
    [InlineData(99.9, "99.9")]
    [InlineData(999, "999")]
    [InlineData(1234, "1.23k")]
    [InlineData(12_345, "12.3k")]
    [InlineData(1_000_000, "1.00M")]
    public void Three_digits_and_a_letter(double value, string text) => Assert.Equal(text, Quantity.Short(value));

    [Theory]
    [InlineData(812, "812 B")]
    [InlineData(12_345, "12.3 KB")]
    [InlineData(461_211_481, "461 MB")]
    [InlineData(25.3e9, "25.3 GB")]
    public void Bytes_count_in_thousands(double bytes, string text) => Assert.Equal(text, Quantity.Bytes(bytes));

    [Theory]
    [InlineData(4.2, "4.2 s")]
    [InlineData(59, "59 s")]
    [InlineData(83, "1:23")]
    [InlineData(3723, "1:02:03")]
    public void Times_grow_with_what_they_say(double seconds, string text) => Assert.Equal(text, Quantity.Time(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Rates_of_bytes_are_in_bytes()
    {
        Assert.Equal("1.50 MB/s", Quantity.Rate(1.5e6, "bytes"));
        Assert.Equal("12.0k samples/s", Quantity.Rate(12_000, "samples"));
    }
}
