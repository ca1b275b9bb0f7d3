using System.Xml.Linq;

namespace EdgeSparse.Architecture.Tests;

/// <summary>What a project file says it depends on; conditions are ignored, so that every variant is held to the rules.</summary>
internal sealed record ProjectFile(string Name, string RelativePath, IReadOnlyList<string> ProjectReferences, IReadOnlyList<XElement> Packages)
{
    public IReadOnlyList<string> PackageNames => [.. Packages.Select(NameOf)];

    /// <summary>The first folder of the path: Runtime, Compiler, Targets, Samples or Tests.</summary>
    public string Area => RelativePath.Split('/')[0];

    public string Folder => Path.GetDirectoryName(RelativePath)!.Replace('\\', '/');

    public static ProjectFile Read(string relativePath)
    {
        var document = XDocument.Parse(Repository.TextOf(relativePath));
        return new ProjectFile(
            Path.GetFileNameWithoutExtension(relativePath),
            relativePath,
            [.. document.Descendants("ProjectReference").Select(NameOf).Select(p => Path.GetFileNameWithoutExtension(p.Replace('\\', '/')))],
            [.. document.Descendants("PackageReference")]);
    }

    /// <summary>All projects that come with this one, itself not counted.</summary>
    public IReadOnlySet<string> ProjectClosure()
    {
        HashSet<string> found = [];
        Stack<string> open = new(ProjectReferences);
        while (open.TryPop(out string? name))
        {
            if (found.Add(name))
            {
                foreach (string next in Repository.Project(name).ProjectReferences)
                {
                    open.Push(next);
                }
            }
        }

        return found;
    }

    private static string NameOf(XElement reference) =>
        (string?)reference.Attribute("Include") ?? (string?)reference.Attribute("Update") ?? throw new InvalidOperationException($"{reference} names nothing");
}
