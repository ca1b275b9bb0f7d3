using System.Globalization;

namespace PiClassifier;

/// <summary>What the user asked for is not what this program does; the message is followed by the usage.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>A GPIO line that is high while the picture is of a class.</summary>
/// <param name="Class">Index of the network's output.</param>
/// <param name="Gpio">Number of the line, as Raspberry Pi's BCM numbers.</param>
internal readonly record struct ClassPin(int Class, int Gpio);

/// <summary>The options of the program.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: PiClassifier MODEL.esb --folder DIR [--pin CLASS=GPIO ...] [--once]
               PiClassifier MODEL.esb --camera /dev/video0 [--pin CLASS=GPIO ...] [--once]
          --folder  classifies the .png files of a folder, then waits for further ones
          --camera  classifies what a V4L2 camera sees
          --pin     the GPIO line that is high while the picture is of the class; may be given several times
          --once    ends after the pictures that are there, or one frame

        """;

    public string Model { get; private init; } = "";

    public string? Folder { get; private init; }

    public string? Camera { get; private init; }

    public IReadOnlyList<ClassPin> Pins { get; private init; } = [];

    public bool Once { get; private init; }

    /// <exception cref="UsageException">An option is unknown, wrong or missing.</exception>
    public static CommandLine Parse(ReadOnlySpan<string> arguments)
    {
        CommandLine command = new();
        List<ClassPin> pins = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--folder":
                    command = command with { Folder = ValueOf(arguments, ref i) };
                    break;
                case "--camera":
                    command = command with { Camera = ValueOf(arguments, ref i) };
                    break;
                case "--pin":
                    pins.Add(PinOf(ValueOf(arguments, ref i)));
                    break;
                case "--once":
                    command = command with { Once = true };
                    break;
                case ['-', ..] option:
                    throw new UsageException($"there is no option '{option}'");
                case var model when command.Model.Length == 0:
                    command = command with { Model = model };
                    break;
                default:
                    throw new UsageException($"one model is run, found '{arguments[i]}' besides");
            }
        }

        if (command.Model.Length == 0 || command.Folder is null == command.Camera is null)
        {
            throw new UsageException("give a model, and either --folder or --camera");
        }

        if (pins.DistinctBy(p => p.Gpio).Count() < pins.Count)
        {
            throw new UsageException("a GPIO line can stand for one class alone");
        }

        return command with { Pins = pins };
    }

    private static string ValueOf(ReadOnlySpan<string> arguments, ref int i) =>
        i + 1 < arguments.Length ? arguments[++i] : throw new UsageException($"{arguments[i]} needs a value");

    private static ClassPin PinOf(string text)
    {
        string[] parts = text.Split('=');
        return parts.Length == 2 && Number(parts[0], out int index) && Number(parts[1], out int gpio)
            ? new ClassPin(index, gpio)
            : throw new UsageException($"--pin needs CLASS=GPIO, two whole numbers, found '{text}'");
    }

    private static bool Number(string text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
