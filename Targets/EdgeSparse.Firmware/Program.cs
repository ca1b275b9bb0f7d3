using EdgeSparse.Firmware;
using EdgeSparse.Runtime;

return FirstProcess.End(Run(args));

static int Run(string[] args)
{
    try
    {
        CommandLine command = CommandLine.Parse(args);
        if (command.Help)
        {
            StandardStream.Output.Write(CommandLine.Usage);
            return 0;
        }

        Report report = Report.Of(command);
        StandardStream.Output.Write(command.Json ? report.ToJson() : report.ToText());
        if (report.Energy?.Stopped is { } stopped)
        {
            StandardStream.Error.Write($"error: {stopped}\n");
            return 1;
        }

        return 0;
    }
    catch (UsageException error)
    {
        StandardStream.Error.Write($"error: {error.Message}\n{CommandLine.Usage}");
        return 2;
    }
    catch (Exception error) when (error is EdgeSparseException or IOException or UnauthorizedAccessException or OutOfMemoryException)
    {
        StandardStream.Error.Write($"error: {error.Message}\n");
        return 1;
    }
}
