using System.Device.Gpio;
using EdgeSparse.Runtime;
using PiClassifier;

namespace EdgeSparse.Samples.Tests.PiClassifier;

public class ClassPinsTests
{
    private static readonly ClassPin[] TwoPins = [new(0, 17), new(1, 27)];

    [Fact]
    public void A_class_puts_its_line_high_after_the_others_went_low_and_all_end_low()
    {
        RecordingGpio gpio = new();
        using (ClassPins pins = new(TwoPins, 2, new GpioController(gpio)))
        {
            Assert.Equal(["open 17", "17 low", "open 27", "27 low"], gpio.Log);
            gpio.Log.Clear();
            pins.Show(0);
            Assert.Equal(["27 low", "17 high"], gpio.Log);
            gpio.Log.Clear();
            pins.Show(1);
            Assert.Equal(["17 low", "27 high"], gpio.Log);
            gpio.Log.Clear();
        }

        Assert.Equal(["17 low", "27 low", "close 17", "close 27"], gpio.Log);
    }

    [Fact]
    public void A_class_without_a_line_puts_all_low()
    {
        RecordingGpio gpio = new();
        using ClassPins pins = new([new(3, 17)], 10, new GpioController(gpio));
        gpio.Log.Clear();
        pins.Show(7);
        Assert.Equal(["17 low"], gpio.Log);
    }

    [Fact]
    public void A_class_that_the_model_does_not_have_is_refused()
    {
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => new ClassPins([new(2, 17)], 2, new GpioController(new RecordingGpio())));
        Assert.Equal("the model has no class 2: it tells 2 apart, counted from 0", error.Message);
    }

    [Fact]
    public void A_line_that_another_program_holds_is_named()
    {
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => new ClassPins(TwoPins, 2, new GpioController(new RecordingGpio { Busy = 27 })));
        Assert.Equal("cannot use the GPIO line 27: Device or resource busy", error.Message);
    }

    [Fact]
    public void A_machine_without_GPIO_is_told_so()
    {
        Assert.SkipWhen(Directory.GetFiles("/dev", "gpiochip*").Length > 0, "this machine has GPIO");
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => ClassPins.Open(TwoPins, 2));
        Assert.Equal("this machine has no GPIO: there is no /dev/gpiochip*", error.Message);
    }
}
