using System.CommandLine;

namespace EdgeSparse.Cli;

/// <summary>A command of the tool that does work.</summary>
internal abstract class Verb : Command
{
    protected Verb(string name, string description)
        : base(name, description)
    {
        SetAction(arguments => CommandHost.Run(arguments, Run));
    }

    /// <summary>Does the work; returns an <see cref="ExitCode"/>. Errors are exceptions, which the host puts into words.</summary>
    protected abstract int Run(VerbContext context);
}
