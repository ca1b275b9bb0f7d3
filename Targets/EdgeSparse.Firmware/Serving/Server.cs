using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;

namespace EdgeSparse.Firmware.Serving;

/// <summary>
/// Answers the requests of all clients on one thread, in turns of one request a client: a client that sends half a request, or
/// does not take its answer, holds up nobody. Between two requests the model may be swapped.
/// </summary>
internal sealed class Server : IDisposable
{
    private const int MostConnections = 64;

    /// <summary>How often another model is looked for while no signal asks for it.</summary>
    private const int RefreshMilliseconds = 250;

    /// <summary>How long clients have to take the answers to what they asked before the end.</summary>
    private const int LastAnswersMilliseconds = 2000;

    private readonly ServedModel model;
    private readonly WakeUp wakeUp = new();
    private readonly Listener? listener;
    private readonly List<Connection> connections = [];
    private long nextRefresh = Environment.TickCount64 + RefreshMilliseconds;

    private Server(CommandLine command, ServeAddress address, TrustedKey? key)
    {
        model = new ServedModel(command.Model, key, command.Open);
        if (address.IsStandardStreams)
        {
            connections.Add(new LineConnection(model));
        }
        else
        {
            listener = new Listener(address, command.Listener);
        }
    }

    /// <summary>Serves until a signal asks to end, or standard input ends.</summary>
    /// <exception cref="EdgeSparseException">The model is refused.</exception>
    /// <exception cref="IOException">The address cannot be had.</exception>
    /// <exception cref="UsageException">It is none.</exception>
    public static void Run(CommandLine command, TrustedKey? key)
    {
        var address = ServeAddress.Parse(command.Place);
        using Server server = new(command, address, key);
        server.Loop(command.Model);
    }

    public void Dispose()
    {
        foreach (Connection connection in connections)
        {
            connection.Dispose();
        }

        listener?.Dispose();
        wakeUp.Dispose();
        model.Dispose();
    }

    private void Loop(string path)
    {
        if (listener is not null)
        {
            StandardStream.Error.Write($"serving '{model.Source.BlobPath}'\n");
        }

        int swaps = 0;
        while (!wakeUp.StopAsked && (listener is not null || connections.Count > 0))
        {
            Turn();
            if (model.Swaps > swaps && model.ExecutableChanged && listener is not null)
            {
                AnswerRest();
                Successor.TakeOver(path, listener);
            }

            swaps = model.Swaps;
        }

        AnswerRest();
    }

    /// <summary>Answers requests that have arrived whole; nothing new is read.</summary>
    private void AnswerRest()
    {
        long end = Environment.TickCount64 + LastAnswersMilliseconds;
        while (connections.Exists(c => c.AnswersWait || c.HasRequest) && Environment.TickCount64 < end)
        {
            List<PollEntry> entries = [];
            foreach (Connection connection in connections)
            {
                connection.Serve();
                entries.Add(new PollEntry { Descriptor = connection.AnswersWait ? connection.WriteTo : -1, Wanted = Libc.Writable });
            }

            Wait([.. entries], connections.Exists(c => !c.AnswersWait && c.HasRequest) ? 0 : RefreshMilliseconds);
            foreach (Connection connection in connections)
            {
                connection.Send();
            }
        }
    }

    private void Turn()
    {
        List<PollEntry> entries = [new PollEntry { Descriptor = wakeUp.Descriptor, Wanted = Libc.Readable }];
        entries.Add(new PollEntry { Descriptor = listener?.Descriptor ?? -1, Wanted = Libc.Readable });
        foreach (Connection connection in connections)
        {
            // A negative descriptor is passed over; one that only breaks is reported all the same.
            entries.Add(new PollEntry
            {
                Descriptor = connection.AnswersWait ? connection.WriteTo : connection.Listens ? connection.ReadFrom : -1,
                Wanted = connection.AnswersWait ? Libc.Writable : Libc.Readable,
            });
        }

        PollEntry[] found = [.. entries];
        Wait(found, connections.Exists(c => c.HasRequest && !c.AnswersWait) ? 0 : RefreshMilliseconds);
        bool woken = found[0].Found != 0;
        if (woken)
        {
            wakeUp.Clear();
        }

        if (woken || Environment.TickCount64 >= nextRefresh)
        {
            model.Refresh();
            nextRefresh = Environment.TickCount64 + RefreshMilliseconds;
        }

        for (int i = 0; i < connections.Count; i++)
        {
            Attend(connections[i], found[i + 2].Found);
        }

        connections.RemoveAll(Finished);
        if (found[1].Found != 0)
        {
            Accept();
        }
    }

    private static void Attend(Connection connection, short found)
    {
        if (found != 0 && connection.AnswersWait)
        {
            connection.Send();
        }
        else if (found != 0)
        {
            connection.Receive();
        }

        connection.Serve();
    }

    private static bool Finished(Connection connection)
    {
        if (connection.IsDone)
        {
            connection.Dispose();
        }

        return connection.IsDone;
    }

    private void Accept()
    {
        int client = listener!.Accept();
        if (client < 0)
        {
            return;
        }

        if (connections.Count < MostConnections)
        {
            connections.Add(new FramedConnection(model, client));
            return;
        }

        byte[] refusal = FramedConnection.ErrorFrame($"the server has {MostConnections} connections already");
        _ = Libc.Send(client, refusal, (nuint)refusal.Length, Libc.DontWait | Libc.NoSignal);
        _ = Libc.Close(client);
    }

    /// <summary>An interruption by a signal is as good as the end of the time: the caller looks at everything again.</summary>
    private static void Wait(PollEntry[] entries, int milliseconds) => _ = Libc.Poll(entries, (nuint)entries.Length, milliseconds);
}
