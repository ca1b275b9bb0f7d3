using System.CommandLine;
using EdgeSparse.Cli.Display;
using EdgeSparse.Compiler.Data;
using EdgeSparse.Compiler.Data.Downloads;
using Spectre.Console;

namespace EdgeSparse.Cli.Verbs;

/// <summary><c>edgesparse data list|get|check</c>.</summary>
internal sealed class DataCommand : Command
{
    public DataCommand()
        : base("data", "list, download and check data sets")
    {
        Add(new ListVerb());
        Add(new GetVerb());
        Add(new CheckVerb());
    }

    private sealed class ListVerb : Verb
    {
        private readonly Option<string?> dataDir = DataDirOption.Create();

        public ListVerb()
            : base("list", "the data sets that are known by name, and where they are") => Add(dataDir);

        protected override int Run(VerbContext context)
        {
            DataLocations locations = DataDirOption.Locations(context, dataDir);
            var result = new
            {
                DataSets = DatasetCatalog.Entries.Select(e => new
                {
                    e.Name,
                    e.Description,
                    Folder = DatasetCatalog.FolderOf(e, locations),
                    Present = e.Sources.IsEmpty || DatasetCatalog.FolderOf(e, locations) is not null,
                }).ToArray(),
                SearchedFolders = locations.Folders.ToArray(),
            };
            context.Report(result, (console, r) =>
            {
                Table table = ResultTable.Create("name", "where", "what it is");
                table.Columns[1].NoWrap();
                foreach (var set in r.DataSets)
                {
                    table.Add(set.Name, set.Folder ?? (set.Present ? "built in" : "absent"), set.Description);
                }

                console.Write(table);
                console.WriteLine($"  searched: {string.Join(", ", r.SearchedFolders)}");
            });
            return ExitCode.Success;
        }
    }

    private sealed class GetVerb : Verb
    {
        private readonly Argument<string[]> names = new("NAME") { Description = "names of 'data list'", Arity = ArgumentArity.OneOrMore };
        private readonly Option<string?> dataDir = new("--data-dir") { Description = "folder to put the sets into; the user's cache when left out", HelpName = "DIR" };

        public GetVerb()
            : base("get", "download data sets from their official places; a broken download goes on where it ended")
        {
            Add(names);
            Add(dataDir);
        }

        protected override int Run(VerbContext context)
        {
            using DatasetDownloader downloader = new(DataDirOption.Locations(context, dataDir));
            var result = context.Required(names).Distinct().Select(name => new
            {
                Name = name,
                Folder = downloader.GetAsync(name, context.Progress, context.Cancellation).GetAwaiter().GetResult(),
            }).ToArray();
            context.Report(new { DataSets = result }, (console, r) => console.WriteFacts([.. r.DataSets.Select(s => (s.Name, s.Folder ?? "built in"))]));
            return ExitCode.Success;
        }
    }

    private sealed class CheckVerb : Verb
    {
        private readonly Argument<string[]> names = new("NAME") { Description = "names of 'data list'", Arity = ArgumentArity.OneOrMore };
        private readonly Option<string?> dataDir = DataDirOption.Create();

        public CheckVerb()
            : base("check", "compare the files of data sets with the official ones; exit code 1 when one differs")
        {
            Add(names);
            Add(dataDir);
        }

        protected override int Run(VerbContext context)
        {
            DataLocations locations = DataDirOption.Locations(context, dataDir);
            FileCheck[] files = [.. context.Required(names).Distinct().SelectMany(n => DatasetChecker.Check(n, locations, context.Progress))];
            bool right = files.All(f => f.State == FileState.Right);
            context.Report(new { Right = right, Files = files }, (console, r) => console.WriteFacts(
                [.. r.Files.Select(f => (f.State.ToString(), f.State == FileState.Right ? f.Path : f.Detail)), ("all", r.Right ? "right" : "NOT right")]));
            return right ? ExitCode.Success : ExitCode.Failure;
        }
    }
}
