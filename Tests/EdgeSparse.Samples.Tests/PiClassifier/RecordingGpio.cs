using System.Device.Gpio;

namespace EdgeSparse.Samples.Tests.PiClassifier;

/// <summary>A GPIO driver without hardware: it keeps what was done to its lines.</summary>
internal sealed class RecordingGpio : GpioDriver
{
    /// <summary>In order: <c>open 17</c>, <c>17 high</c>, <c>close 17</c>.</summary>
    public List<string> Log { get; } = [];

    /// <summary>A line that another program holds.</summary>
    public int? Busy { get; init; }

    protected override int PinCount => 28;

    protected override void OpenPin(int pinNumber)
    {
        if (pinNumber == Busy)
        {
            throw new IOException("Device or resource busy");
        }

        Log.Add($"open {pinNumber}");
    }

    protected override void ClosePin(int pinNumber) => Log.Add($"close {pinNumber}");

    protected override void SetPinMode(int pinNumber, PinMode mode) => Assert.Equal(PinMode.Output, mode);

    protected override PinMode GetPinMode(int pinNumber) => PinMode.Output;

    protected override bool IsPinModeSupported(int pinNumber, PinMode mode) => true;

    protected override PinValue Read(int pinNumber) => PinValue.Low;

    protected override void Toggle(int pinNumber) => throw new NotSupportedException();

    protected override void Write(int pinNumber, PinValue value) => Log.Add($"{pinNumber} {(value == PinValue.High ? "high" : "low")}");

    protected override WaitForEventResult WaitForEvent(int pinNumber, PinEventTypes eventTypes, CancellationToken cancellationToken) => throw new NotSupportedException();

    protected override void AddCallbackForPinValueChangedEvent(int pinNumber, PinEventTypes eventTypes, PinChangeEventHandler callback) => throw new NotSupportedException();

    protected override void RemoveCallbackForPinValueChangedEvent(int pinNumber, PinChangeEventHandler callback) => throw new NotSupportedException();
}
