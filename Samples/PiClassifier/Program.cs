using System.Runtime.InteropServices;
using EdgeSparse.Runtime;
using PiClassifier;
using PiClassifier.Camera;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    CommandLine command = CommandLine.Parse(args);
    using Model model = Model.Load(command.Model);
    PictureInput input = new(model);
    using Session session = model.CreateSession();
    using ClassPins? pins = command.Pins.Count == 0 ? null : ClassPins.Open(command.Pins, model.Outputs[0].ElementCount);
    return command.Camera is null
        ? RunFolder(new PictureFolder(command.Folder!, command.Once), input, session, pins)
        : RunCamera(command.Camera, command.Once, input, session, pins);
}
catch (UsageException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    Console.Error.Write(CommandLine.Usage);
    return 2;
}
catch (EdgeSparseException error)
{
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}

void Stop(PosixSignalContext signal)
{
    // The pins are set low on the way out.
    signal.Cancel = true;
    stop.Cancel();
}

int RunFolder(PictureFolder folder, PictureInput input, Session session, ClassPins? pins)
{
    int wrong = 0;
    foreach (string file in folder.Files(stop.Token))
    {
        try
        {
            Classify(PictureFolder.Read(file), Path.GetFileName(file), input, session, pins);
        }
        catch (EdgeSparseException error)
        {
            // One bad file must not end a watch.
            Console.Error.WriteLine($"error: {error.Message}");
            wrong++;
        }
    }

    return wrong == 0 ? 0 : 1;
}

int RunCamera(string device, bool once, PictureInput input, Session session, ClassPins? pins)
{
    using VideoDevice camera = VideoDevice.Open(device);
    for (int frame = 0; !stop.IsCancellationRequested; frame++)
    {
        Classify(camera.Capture(), $"frame {frame}", input, session, pins);
        if (once)
        {
            break;
        }
    }

    return 0;
}

static void Classify(Picture picture, string name, PictureInput input, Session session, ClassPins? pins)
{
    float[] scores = input.Run(session, picture);
    int best = scores.IndexOf(scores.Max());
    pins?.Show(best);
    Console.WriteLine($"{name}: class {best} ({scores[best]:G5})");
}
