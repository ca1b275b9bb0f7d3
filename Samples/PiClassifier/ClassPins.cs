using System.Device.Gpio;
using EdgeSparse.Runtime;

namespace PiClassifier;

/// <summary>GPIO lines, each high while the picture is of its class; all low before the first picture and at the end.</summary>
internal sealed class ClassPins : IDisposable
{
    private readonly IReadOnlyList<ClassPin> pins;
    private readonly GpioController controller;

    /// <param name="pins">Lines of different numbers.</param>
    /// <param name="classes">How many the network tells apart.</param>
    /// <param name="controller">Disposed with this.</param>
    /// <exception cref="EdgeSparseException">There is no such class, or a line cannot be used.</exception>
    public ClassPins(IReadOnlyList<ClassPin> pins, int classes, GpioController controller)
    {
        this.pins = pins;
        this.controller = controller;
        try
        {
            foreach (ClassPin pin in pins)
            {
                if (pin.Class >= classes)
                {
                    throw new EdgeSparseException($"the model has no class {pin.Class}: it tells {classes} apart, counted from 0");
                }

                OpenLow(pin.Gpio);
            }
        }
        catch
        {
            controller.Dispose();
            throw;
        }
    }

    /// <exception cref="EdgeSparseException">The machine has no GPIO, or what is asked of it cannot be used.</exception>
    public static ClassPins Open(IReadOnlyList<ClassPin> pins, int classes)
    {
        // Without this, the package would fall back to an interface that exists on any Linux and fail there in its own words.
        if (Directory.GetFiles("/dev", "gpiochip*").Length == 0)
        {
            throw new EdgeSparseException("this machine has no GPIO: there is no /dev/gpiochip*");
        }

        try
        {
            return new ClassPins(pins, classes, new GpioController());
        }
        catch (Exception error) when (error is PlatformNotSupportedException or DllNotFoundException or IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot use this machine's GPIO: {error.Message}", error);
        }
    }

    /// <exception cref="EdgeSparseException">A line can no longer be set.</exception>
    public void Show(int shown)
    {
        // First those that go low, so that never two classes are shown at once.
        foreach (ClassPin pin in pins.OrderBy(p => p.Class == shown))
        {
            Set(pin.Gpio, pin.Class == shown ? PinValue.High : PinValue.Low);
        }
    }

    public void Dispose()
    {
        foreach (ClassPin pin in pins.Where(p => controller.IsPinOpen(p.Gpio)))
        {
            Set(pin.Gpio, PinValue.Low);
        }

        controller.Dispose();
    }

    private void OpenLow(int gpio)
    {
        try
        {
            controller.OpenPin(gpio, PinMode.Output, PinValue.Low);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException or PlatformNotSupportedException)
        {
            throw new EdgeSparseException($"cannot use the GPIO line {gpio}: {error.Message}", error);
        }
    }

    private void Set(int gpio, PinValue value)
    {
        try
        {
            controller.Write(gpio, value);
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            throw new EdgeSparseException($"cannot set the GPIO line {gpio}: {error.Message}", error);
        }
    }
}
