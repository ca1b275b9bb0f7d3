namespace EdgeSparse.Energy.Meters;

/// <summary>Registers of the INA219 (Texas Instruments SBOS448, table 2). All are 16 bits, high byte first.</summary>
internal enum Ina219Register : byte
{
    Configuration = 0,

    /// <summary>Two's complement, 10 µV a step.</summary>
    ShuntVoltage = 1,

    /// <summary>Bits 15 to 3 are the voltage, 4 mV a step; bit 1 says that a conversion is ready, bit 0 that a result overflowed.</summary>
    BusVoltage = 2,

    /// <summary>20 current steps times 1 V a step, without a sign.</summary>
    Power = 3,

    /// <summary>Two's complement: the shunt register times the calibration register over 4096.</summary>
    Current = 4,

    /// <summary>Bit 0 is always 0. The chip forgets it when its supply fails, and then reads 0 A and 0 W.</summary>
    Calibration = 5,
}
