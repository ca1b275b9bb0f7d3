namespace EdgeSparse.Compiler.Tests;

/// <summary>Models that others trained, in the folder that EDGESPARSE_DATA names.</summary>
internal static class SharedModels
{
    /// <summary>Where <c>models/FILE</c> lies; skips the calling test where it does not.</summary>
    public static string Path(string file)
    {
        string? data = Environment.GetEnvironmentVariable("EDGESPARSE_DATA");
        string path = System.IO.Path.Combine(data ?? "", "models", file);
        Assert.SkipUnless(data is not null && File.Exists(path), $"EDGESPARSE_DATA has no models/{file}");
        return path;
    }
}
