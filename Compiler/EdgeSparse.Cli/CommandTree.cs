using System.CommandLine;
using System.CommandLine.Help;
using EdgeSparse.Cli.Verbs;

namespace EdgeSparse.Cli;

/// <summary>All verbs, and how a wrong command line is answered.</summary>
internal static class CommandTree
{
    public static RootCommand Create()
    {
        RootCommand root = new("EdgeSparse: prune a neural network, pack it, and run it fast on a small device.")
        {
            new CompressVerb(),
            new TrainVerb(),
            new PruneVerb(),
            new CompileVerb(),
            new InspectVerb(),
            new RunVerb(),
            new VerifyVerb(),
            new BenchVerb(),
            new ConformanceVerb(),
            new ExplainVerb(),
            new EnergyCommand(),
            new PublishVerb(),
            new DeployVerb(),
            new RollbackVerb(),
            new StatusVerb(),
            new KeysCommand(),
            new DataCommand(),
            new RecipeCommand(),
            new QuickstartVerb(),
            new DoctorVerb(),
        };
        root.Options.Add(GlobalOptions.Json);
        root.Options.Add(GlobalOptions.Verbose);
        root.Options.Add(GlobalOptions.Toolchain);
        root.SetAction(arguments => new HelpAction().Invoke(arguments));
        return root;
    }

    public static int Run(string[] args)
    {
        ParseResult parsed = Create().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not HelpAction && UsageError.Of(parsed) is { } wrong)
        {
            CommandHost.WriteError(wrong);
            return ExitCode.Usage;
        }

        return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }
}
