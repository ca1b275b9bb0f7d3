using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeSparse.Firmware.Trust;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Firmware.Serving;

/// <summary>Runs the model on every sample file that is written or moved into a folder, until a signal asks to end.</summary>
internal static class FolderWatch
{
    private const int RefreshMilliseconds = 250;

    /// <summary>Of an inotify event before the name: watch, mask, cookie, length of the name.</summary>
    private const int EventBytes = 16;

    /// <exception cref="EdgeSparseException">The model is refused.</exception>
    /// <exception cref="IOException">The folder cannot be watched.</exception>
    public static void Run(CommandLine command, TrustedKey? key)
    {
        (string path, string folder) = (command.Model, command.Place);
        using ServedModel model = new(path, key, command.Open);
        Report.RequireOneInput(model.Model, path);
        using WakeUp wakeUp = new();
        int notices = Libc.Require(Libc.NotifyInit(Libc.CloseOnExec), "cannot watch a folder");
        try
        {
            Libc.Require(Libc.NotifyAdd(notices, folder, Libc.WrittenAndClosed | Libc.MovedIn), $"cannot watch '{folder}'");
            StandardStream.Error.Write($"watching '{folder}' with '{model.Source.BlobPath}'\n");
            byte[] events = new byte[65536];
            while (!wakeUp.StopAsked)
            {
                PollEntry[] wait =
                [
                    new PollEntry { Descriptor = wakeUp.Descriptor, Wanted = Libc.Readable },
                    new PollEntry { Descriptor = notices, Wanted = Libc.Readable },
                ];
                _ = Libc.Poll(wait, (nuint)wait.Length, RefreshMilliseconds);
                if (wait[0].Found != 0)
                {
                    wakeUp.Clear();
                }

                model.Refresh();
                if (wait[1].Found != 0)
                {
                    nint count = Libc.Read(notices, events, (nuint)events.Length);
                    RunAll(model, folder, events.AsSpan(0, (int)nint.Max(count, 0)), command.Json);
                }
            }
        }
        finally
        {
            _ = Libc.Close(notices);
        }
    }

    private static void RunAll(ServedModel model, string folder, ReadOnlySpan<byte> events, bool json)
    {
        while (events.Length >= EventBytes)
        {
            uint what = BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
            if ((what & Libc.Gone) != 0)
            {
                throw new IOException($"the folder '{folder}' is gone");
            }

            if ((what & Libc.Overflow) != 0)
            {
                StandardStream.Error.Write("error: so many files came at once that some were missed: put them into the folder again\n");
            }

            int nameBytes = BinaryPrimitives.ReadInt32LittleEndian(events[12..]);
            ReadOnlySpan<byte> name = events.Slice(EventBytes, nameBytes);
            events = events[(EventBytes + nameBytes)..];
            int end = name.IndexOf((byte)0);
            string file = Encoding.UTF8.GetString(end < 0 ? name : name[..end]);

            // What is hidden or ends in .part is a file still being written under another name.
            if (file.Length > 0 && !file.StartsWith('.') && !file.EndsWith(".part", StringComparison.Ordinal))
            {
                RunOne(model, Path.Combine(folder, file), file, json);
            }
        }
    }

    /// <summary>A file that holds no samples is named on standard error; the watch goes on.</summary>
    private static void RunOne(ServedModel model, string path, string name, bool json)
    {
        try
        {
            // A model that was swapped in may be of another kind.
            Report.RequireOneInput(model.Model, model.Source.BlobPath);
            IReadOnlyList<float[]> samples = SampleReader.Read(path, model.Model.Inputs[0]);
            for (int i = 0; i < samples.Count; i++)
            {
                model.Run(samples[i]);
                Prediction prediction = Prediction.OfOutputs(model.Model, model.Session);
                StandardStream.Output.Write(json ? JsonLine(prediction, name, i) : TextLine(prediction, name, i));
            }
        }
        catch (Exception error) when (error is EdgeSparseException or UnauthorizedAccessException or FileNotFoundException)
        {
            model.Errors++;
            StandardStream.Error.Write($"error: {error.Message}\n");
        }
    }

    private static string TextLine(Prediction prediction, string name, int index)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{name} {index}: ");
        prediction.AppendText(text);
        return text.Append('\n').ToString();
    }

    private static string JsonLine(Prediction prediction, string name, int index)
    {
        JsonText json = new();
        json.Object();
        json.Name("file").Value(name);
        json.Name("index").Value(index);
        prediction.AddTo(json);
        return json.EndObject().ToString() + "\n";
    }
}
