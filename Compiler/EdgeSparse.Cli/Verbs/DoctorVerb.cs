using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Targets;
using EdgeSparse.Targets.Profiles;
using EdgeSparse.Targets.Publishing;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse doctor</c>: what is there to work with. Fails when a native library that was shipped does not load.</summary>
internal sealed class DoctorVerb : Verb
{
    private readonly Option<string?> dataDir = DataDirOption.Create();

    public DoctorVerb()
        : base("doctor", "say what this machine has: processor, libraries, build tools, data sets")
    {
        Add(dataDir);
    }

    private sealed record Machine(string Processor, int Cores, long MemoryBytes, ImmutableArray<string> InstructionSets, string Target, string System);

    private sealed record Diagnosis(
        Machine Machine, ImmutableArray<PresenceCheck> Libraries, ImmutableArray<PresenceCheck> Tools, ImmutableArray<PresenceCheck> Data, bool Healthy);

    protected override int Run(VerbContext context)
    {
        Toolchain toolchain = context.Toolchain;
        ImmutableArray<PresenceCheck> libraries = NativeLibraries.Check();
        Diagnosis diagnosis = new(
            Look(toolchain), libraries, [Publishing(toolchain)], Data(DataDirOption.Locations(context, dataDir)), libraries.All(l => l.Present));
        context.Report(diagnosis, Show);
        return diagnosis.Healthy ? ExitCode.Success : ExitCode.Failure;
    }

    private static Machine Look(Toolchain toolchain) => new(
        ProcessorName.Current,
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        HostProcessor.Current.InstructionSets,
        TargetOf(toolchain),
        $"{RuntimeInformation.OSDescription}, {HostProcessor.Current.Rid}, {RuntimeInformation.FrameworkDescription}");

    private static string TargetOf(Toolchain toolchain)
    {
        try
        {
            return toolchain.Find(Toolchain.HostId).Id;
        }
        catch (TargetsException error)
        {
            return error.Message;
        }
    }

    private static PresenceCheck Publishing(Toolchain toolchain)
    {
        const string Name = "publish";
        try
        {
            new FirmwarePublisher(toolchain, SourceTree.Find()).RequireTools(toolchain.Find(Toolchain.HostId));
            return new PresenceCheck(Name, true, "NativeAOT's tools are there");
        }
        catch (TargetsException error)
        {
            return new PresenceCheck(Name, false, error.Message);
        }
    }

    private static ImmutableArray<PresenceCheck> Data(DataLocations locations) =>
        [.. DatasetCatalog.Entries.Select(e => Find(e, locations))];

    private static PresenceCheck Find(DatasetEntry entry, DataLocations locations) =>
        entry.Sources.IsEmpty ? new PresenceCheck(entry.Name, true, "built in")
        : DatasetCatalog.FolderOf(entry, locations) is { } folder ? new PresenceCheck(entry.Name, true, folder)
        : new PresenceCheck(entry.Name, false, $"get it with: edgesparse data get {entry.Name}");

    private static void Show(IAnsiConsole console, Diagnosis diagnosis)
    {
        Machine machine = diagnosis.Machine;
        console.WriteFacts(
            ("processor", $"{machine.Processor}, {machine.Cores} cores, {string.Join(' ', machine.InstructionSets)}"),
            ("memory", Quantity.Bytes(machine.MemoryBytes)),
            ("system", machine.System),
            ("target", machine.Target));
        Table table = ResultTable.Create("what", "state", "detail");
        foreach (PresenceCheck check in diagnosis.Libraries.Concat(diagnosis.Tools).Concat(diagnosis.Data))
        {
            table.Add(check.Name, check.Present ? "ok" : "absent", check.Detail);
        }

        console.Write(table);
    }
}
