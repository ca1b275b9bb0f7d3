namespace EdgeSparse.Energy.Tests;

/// <summary>A sysfs of one test's making.</summary>
internal sealed class SystemTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgesparse-energy-").FullName;

    public string this[string path] => Path.Combine(Root, path);

    /// <summary>Writes attributes, each with the line's end that the kernel gives them.</summary>
    public SystemTree With(string folder, params (string Name, string Text)[] attributes)
    {
        Directory.CreateDirectory(this[folder]);
        foreach ((string name, string text) in attributes)
        {
            File.WriteAllText(Path.Combine(this[folder], name), text + "\n");
        }

        return this;
    }

    public void Set(string path, long value) => File.WriteAllText(this[path], $"{value}\n");

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
