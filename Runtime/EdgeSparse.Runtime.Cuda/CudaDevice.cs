using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Cuda;

/// <summary>One GPU, and its context, which is current on the thread that made it.</summary>
internal sealed unsafe class CudaDevice : IDisposable
{
    private const int MostBlockThreads = 1;
    private const int WarpSize = 10;
    private const int MostBlockRegisters = 12;
    private const int MultiprocessorCount = 16;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    private readonly int device;
    private readonly nint context;

    /// <param name="driver">The driver.</param>
    /// <param name="index">From 0 on.</param>
    /// <exception cref="EdgeSparseException">There is no such device.</exception>
    public CudaDevice(CudaDriver driver, int index)
    {
        Driver = driver;
        int count;
        driver.Require(driver.DeviceGetCount(&count), "counting devices");
        if (index >= count)
        {
            throw new EdgeSparseException(
                count == 0 ? "this machine has no CUDA device" : "there is no CUDA device " + index + ": this machine has " + count + ", counted from 0");
        }

        int handle;
        driver.Require(driver.DeviceGet(&handle, index), "opening the device");
        device = handle;
        byte* name = stackalloc byte[256];
        driver.Require(driver.DeviceGetName(name, 256, device), "asking for the device's name");
        Name = Marshal.PtrToStringUTF8((nint)name)!;
        Capability = (10 * Attribute(CapabilityMajor)) + Attribute(CapabilityMinor);
        nint retained;
        driver.Require(driver.PrimaryContextRetain(&retained, device), "opening a context on " + Name);
        context = retained;
        MakeCurrent();
    }

    public CudaDriver Driver { get; }

    public string Name { get; }

    /// <summary>10 · major + minor of the compute capability.</summary>
    public int Capability { get; }

    /// <summary>Threads that a group may have.</summary>
    public int MostGroupThreads => Attribute(MostBlockThreads);

    /// <summary>Threads that run in step.</summary>
    public int WarpThreads => Attribute(WarpSize);

    /// <summary>Registers that the threads of a group share.</summary>
    public int GroupRegisters => Attribute(MostBlockRegisters);

    public int Multiprocessors => Attribute(MultiprocessorCount);

    /// <summary>CUDA's version that the driver has: 1000 · major + 10 · minor.</summary>
    public int DriverVersion
    {
        get
        {
            int version;
            Driver.Require(Driver.DriverGetVersion(&version), "asking for the driver's version");
            return version;
        }
    }

    /// <summary>Bytes of memory that nothing uses now.</summary>
    public long FreeBytes
    {
        get
        {
            nuint free;
            nuint total;
            Driver.Require(Driver.MemoryGetInfo(&free, &total), "asking for free memory");
            return (long)free;
        }
    }

    /// <summary>A session may be used by another thread than the one that made it.</summary>
    public void MakeCurrent() => Driver.Require(Driver.ContextSetCurrent(context), "using the context");

    /// <summary>The same where it does not matter whether it works.</summary>
    public void MakeCurrentOrNot() => Driver.ContextSetCurrent(context);

    public void Dispose() => Driver.PrimaryContextRelease(device);

    private int Attribute(int attribute)
    {
        int value;
        Driver.Require(Driver.DeviceGetAttribute(&value, attribute, device), "asking what the device can do");
        return value;
    }
}
