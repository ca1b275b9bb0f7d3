namespace EdgeSparse.Cli;

/// <summary>A folder that is there while a verb works.</summary>
internal sealed class StagingFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("edgesparse").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
