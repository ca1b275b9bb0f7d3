using EdgeSparse.Targets.Profiles;

namespace EdgeSparse.Targets.Publishing;

/// <summary>Looks for the compilers and linkers that a publish needs before it starts.</summary>
internal static class RequiredTools
{
    /// <param name="target">Named in the message.</param>
    /// <param name="tools">All that is needed.</param>
    /// <param name="searchPath">As PATH is written.</param>
    /// <exception cref="TargetsException">Something is missing; the message has the one command that installs it.</exception>
    public static void Check(TargetProfile target, IEnumerable<RequiredTool> tools, string searchPath)
    {
        RequiredTool[] missing = [.. tools.Where(t => !IsThere(t, searchPath))];
        if (missing.Length == 0)
        {
            return;
        }

        string names = string.Join(", ", missing.Select(t => t.Command ?? t.File));
        string[] packages = [.. missing.Select(t => t.Package).OfType<string>().Distinct()];
        IEnumerable<string> advice = missing.Select(t => t.Advice).OfType<string>().Distinct();
        if (packages.Length > 0)
        {
            advice = advice.Prepend($"run: sudo apt-get install -y {string.Join(' ', packages)}");
        }

        throw new TargetsException($"publishing for '{target.Id}' needs {names}; {string.Join("; ", advice)}");
    }

    private static bool IsThere(RequiredTool tool, string searchPath) =>
        tool.File is not null
            ? File.Exists(tool.File)
            : searchPath.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, tool.Command!)));
}
