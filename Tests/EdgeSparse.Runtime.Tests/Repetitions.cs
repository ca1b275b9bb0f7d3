using System.Globalization;

namespace EdgeSparse.Runtime.Tests;

/// <summary>
/// How often tests repeat what differs little from processor to processor: reading spoilt files, waking and waiting of threads. An emulated
/// processor takes a hundred times as long: there EDGESPARSE_TEST_EVERY is set to n, and every n-th repetition is done.
/// </summary>
internal static class Repetitions
{
    public static int Every { get; } =
        Environment.GetEnvironmentVariable("EDGESPARSE_TEST_EVERY") is { Length: > 0 } every ? int.Parse(every, CultureInfo.InvariantCulture) : 1;

    public static int Of(int all) => (all + Every - 1) / Every;
}
