using System.Buffers.Binary;
using System.Device.I2c;

namespace EdgeSparse.Energy.Tests.Meters;

/// <summary>
/// An INA219 as its data sheet (Texas Instruments SBOS448) describes its registers: pointer, reset, ranges that clip, calibration,
/// products, conversion-ready and overflow flags. Conversions take no time.
/// </summary>
internal sealed class Ina219Model(double shuntOhms, int bus = 1, int address = 0x40) : I2cDevice
{
    private ushort configuration = 0x399F;
    private ushort calibration;
    private byte pointer;
    private bool ready = true;

    /// <summary>Supply voltage at the load.</summary>
    public double Volts { get; set; } = 5;

    /// <summary>Current through the shunt.</summary>
    public double Amperes { get; set; } = 0.5;

    /// <summary>Nothing acknowledges the address any more.</summary>
    public bool Absent { get; set; }

    /// <summary>What another chip's register 0 holds after a reset; null for an INA219.</summary>
    public ushort? OtherChip { get; init; }

    public bool IsDisposed { get; private set; }

    public int Transfers { get; private set; }

    public override I2cConnectionSettings ConnectionSettings { get; } = new(bus, address);

    private int Gain => (configuration >> 11) & 3;

    private int Shunt => Math.Clamp((int)Math.Round(Amperes * shuntOhms / 10e-6), -(4000 << Gain), 4000 << Gain);

    private int Bus => Math.Clamp((int)Math.Round(Volts / 4e-3), 0, (configuration & 0x2000) != 0 ? 8000 : 4000);

    private long Current => (long)Shunt * calibration / 4096;

    private long Power => Math.Abs(Current) * Bus / 5000;

    private bool Overflow => Current is < short.MinValue or > short.MaxValue || Power > ushort.MaxValue;

    /// <summary>The supply fails for a moment.</summary>
    public void LosePower() => (configuration, calibration, pointer) = (0x399F, 0, 0);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Acknowledge();
        pointer = buffer[0];
        if (buffer.Length == 3)
        {
            Store(BinaryPrimitives.ReadUInt16BigEndian(buffer[1..]));
        }
        else
        {
            Assert.Equal(1, buffer.Length);
        }
    }

    public override void Read(Span<byte> buffer)
    {
        Acknowledge();
        Assert.Equal(2, buffer.Length);
        BinaryPrimitives.WriteUInt16BigEndian(buffer, Register());
    }

    public override void WriteRead(ReadOnlySpan<byte> writeBuffer, Span<byte> readBuffer)
    {
        Write(writeBuffer);
        Read(readBuffer);
    }

    public override byte ReadByte() => throw new NotSupportedException("the INA219 has registers of two bytes");

    public override void WriteByte(byte value) => Write([value]);

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    private void Acknowledge()
    {
        Transfers++;
        if (Absent || IsDisposed)
        {
            throw new IOException("Error 121 performing I2C data transfer.");
        }
    }

    private void Store(ushort value)
    {
        if (pointer == 5)
        {
            calibration = (ushort)(value & 0xFFFE);
        }
        else if (pointer == 0)
        {
            ready = true;
            (configuration, calibration) = (value & 0x8000) != 0 ? (OtherChip ?? 0x399F, (ushort)0) : (value, calibration);
        }
    }

    private ushort Register()
    {
        switch (pointer)
        {
            case 0: return configuration;
            case 1: return (ushort)(short)Shunt;
            case 2: return (ushort)((Bus << 3) | (ready ? 2 : 0) | (Overflow ? 1 : 0));
            case 3:
                ready = false;
                return (ushort)Power;
            case 4: return (ushort)(short)Current;
            case 5: return calibration;
            default: return 0;
        }
    }
}
