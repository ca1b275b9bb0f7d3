using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace EdgeSparse.Runtime.Gpu;

/// <summary>
/// Which accelerator a <see cref="GpuSession"/> runs on. Naming one looks for nothing: a machine without it is told of when a
/// session is made.
/// </summary>
public sealed class GpuBackend
{
    private readonly AcceleratorType type;
    private readonly int index;
    private readonly int cpuThreads;

    private GpuBackend(AcceleratorType type, int index, int cpuThreads = 0)
    {
        this.type = type;
        this.index = index;
        this.cpuThreads = cpuThreads;
    }

    /// <summary>An NVIDIA GPU, by CUDA; its driver is all that is needed.</summary>
    /// <param name="index">The device's number, from 0, in the order of the driver.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static GpuBackend Cuda(int index = 0) => new(AcceleratorType.Cuda, NotNegative(index));

    /// <summary>A GPU with OpenCL 2.0 or newer.</summary>
    /// <param name="index">The device's number, from 0, in the order of the drivers.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static GpuBackend OpenCL(int index = 0) => new(AcceleratorType.OpenCL, NotNegative(index));

    /// <summary>The same kernels on this machine's processor, far slower than a <see cref="Session"/>: for tests.</summary>
    /// <param name="groupThreads">
    /// Threads of a group: 1, 2, 4, 8 or 16, the fewer the faster. What they compute is within rounding the same for all.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The number is another one.</exception>
    public static GpuBackend Cpu(int groupThreads = 1)
    {
        if (groupThreads is not (1 or 2 or 4 or 8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(groupThreads), groupThreads, "a group has 1, 2, 4, 8 or 16 threads");
        }

        return new GpuBackend(AcceleratorType.CPU, 0, groupThreads);
    }

    /// <summary>Threads of a group where the accelerator has as many.</summary>
    internal int GroupThreads => type == AcceleratorType.CPU ? cpuThreads : Offload.DeviceShape.UsualGroupThreads;

    /// <inheritdoc />
    public override string ToString() => type switch
    {
        AcceleratorType.Cuda => "CUDA device " + index,
        AcceleratorType.OpenCL => "OpenCL device " + index,
        _ => "CPU accelerator with groups of " + cpuThreads + " threads",
    };

    /// <summary>Makes a context and the accelerator in it; the caller disposes both, the accelerator first.</summary>
    /// <exception cref="EdgeSparseException">The machine does not have it.</exception>
    internal (Context Context, Accelerator Accelerator) Open()
    {
        Context? context = null;
        Drivers.MakeFindable();
        try
        {
            context = Context.Create(Configure);
            Device[] devices = [.. context.Devices.Where(d => d.AcceleratorType == type)];
            if (index >= devices.Length)
            {
                throw new EdgeSparseException(
                    devices.Length > 0 ? $"there is no {this}: this machine has {devices.Length}, counted from 0"
                    : Unsuited() is { } name ? $"the OpenCL device {name} has no generic address spaces, which kernels need: they are optional in OpenCL 3.0, and a newer driver may have them"
                    : $"this machine has no {Kind} device, or its driver is not installed");
            }

            return (context, devices[index].CreateAccelerator(context));
        }
        catch (Exception e) when (e is AcceleratorException or DllNotFoundException or EntryPointNotFoundException or NotSupportedException)
        {
            context?.Dispose();
            throw new EdgeSparseException($"the {this} cannot be used: {e.Message}", e);
        }
        catch (EdgeSparseException)
        {
            context?.Dispose();
            throw;
        }
    }

    private string Kind => type == AcceleratorType.Cuda ? "CUDA" : type.ToString();

    /// <summary>A device of this kind that ILGPU does not list, for want of what it needs; null where there is none.</summary>
    private string? Unsuited()
    {
        if (type != AcceleratorType.OpenCL)
        {
            return null;
        }

        using var all = Context.Create(builder => builder.OpenCL(_ => true));
        return all.Devices.OfType<CLDevice>().FirstOrDefault()?.Name;
    }

    private static int NotNegative(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return index;
    }

    private void Configure(Context.Builder builder)
    {
        builder.Optimize(OptimizationLevel.O2);
        _ = type switch
        {
            AcceleratorType.Cuda => builder.Cuda(),
            AcceleratorType.OpenCL => builder.OpenCL(),
            _ => builder.CPU(new CPUDevice(Math.Max(2, cpuThreads), 1, 1)),
        };
    }
}
