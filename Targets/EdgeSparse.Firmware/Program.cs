using EdgeSparse.Firmware;
using EdgeSparse.Firmware.Serving;
using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;

FirstProcess.Begin();
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

        if (command.Mode == Mode.Ask)
        {
            StandardStream.Output.Write(StateRequest.Ask(ServeAddress.Parse(command.Place)) + "\n");
            return 0;
        }

        return Work(command, TrustedKey.Find(command.Key));
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

static int Work(CommandLine command, TrustedKey? key)
{
    switch (command.Mode)
    {
        case Mode.SelfTest:
            StandardStream.Output.Write(DeviceCheck.SelfTest(command, key) + "\n");
            break;
        case Mode.Verify:
            StandardStream.Output.Write(DeviceCheck.Verify(command.Model, command.Over, key) + "\n");
            break;
        case Mode.Serve:
            Server.Run(command, key);
            break;
        case Mode.Watch:
            FolderWatch.Run(command, key);
            break;
        default:
            Report report = Report.Of(command, key);
            StandardStream.Output.Write(command.Json ? report.ToJson() : report.ToText());
            if (report.Energy?.Stopped is { } stopped)
            {
                StandardStream.Error.Write($"error: {stopped}\n");
                return 1;
            }

            break;
    }

    return 0;
}
