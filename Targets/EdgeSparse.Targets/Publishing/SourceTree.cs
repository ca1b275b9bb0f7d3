namespace EdgeSparse.Targets.Publishing;

/// <summary>A clone of EdgeSparse, which publishing compiles the firmware from.</summary>
/// <param name="Root">The folder with EdgeSparse.sln.</param>
public sealed record SourceTree(string Root)
{
    public string FirmwareProject => Path.Combine(Root, "Targets", "EdgeSparse.Firmware", "EdgeSparse.Firmware.csproj");

    /// <summary>Finds the clone that the program was built in, or else the one that the current folder is in.</summary>
    /// <exception cref="TargetsException">There is none.</exception>
    public static SourceTree Find() =>
        Above(AppContext.BaseDirectory) ?? Above(Directory.GetCurrentDirectory())
        ?? throw new TargetsException("publishing compiles the firmware from source: run this inside a clone of the EdgeSparse repository");

    /// <summary>The clone that the folder lies in, or null.</summary>
    public static SourceTree? Above(string folder)
    {
        for (DirectoryInfo? place = new(folder); place is not null; place = place.Parent)
        {
            SourceTree tree = new(place.FullName);
            if (File.Exists(tree.FirmwareProject))
            {
                return tree;
            }
        }

        return null;
    }
}
