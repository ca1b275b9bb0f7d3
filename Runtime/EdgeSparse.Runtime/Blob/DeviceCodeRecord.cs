using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

/// <summary>The start of the section DeviceCode; its modules follow. Offsets count from the start of the section.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 64)]
internal struct DeviceCodeHeader
{
    /// <summary>XXH128 of the sections Values, Weights and Operations, one after the other: the plan that the code is for.</summary>
    public ulong PlanLow;
    public ulong PlanHigh;
    public uint Modules;

    /// <summary>Version and bytes of the argument that each kernel takes: <see cref="Offload.DeviceStep"/>.</summary>
    public uint StepVersion;
    public uint StepBytes;
    public uint Reserved;
    public ulong Reserved0;
    public ulong Reserved1;
    public ulong Reserved2;
    public ulong Reserved3;
}

/// <summary>One kernel for one architecture; ascending by architecture, then by kernel.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 64)]
internal struct DeviceModuleRecord
{
    /// <summary>10 · major + minor of the compute capability: 87 for sm_87.</summary>
    public uint Architecture;

    /// <summary>10 · major + minor of the version of PTX.</summary>
    public uint PtxVersion;

    /// <summary>An <see cref="Offload.DeviceKernel"/>.</summary>
    public uint Kernel;

    /// <summary>Shared memory that the text declares, in bytes.</summary>
    public uint SharedBytes;

    /// <summary>The entry point's name, ASCII, and the zero byte behind it, which counts.</summary>
    public ulong EntryOffset;
    public ulong EntryBytes;

    /// <summary>The PTX, ASCII, and the zero byte behind it, which counts.</summary>
    public ulong TextOffset;
    public ulong TextBytes;

    /// <summary>Most threads of a group that the code is compiled for; the same for all kernels of an architecture.</summary>
    public uint GroupThreads;
    public uint Reserved0;
    public ulong Reserved1;
}
