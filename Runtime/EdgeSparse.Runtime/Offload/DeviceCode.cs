using System.IO.Hashing;
using System.Numerics;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Runtime.Offload;

/// <summary>
/// The compiled kernels that a blob carries. The blob's reader leaves the section alone, so that a model whose code is of no use
/// still runs on the CPU; here it is checked whole, before any of it is given to a driver.
/// </summary>
internal sealed unsafe class DeviceCode
{
    private const uint MostModules = 4096;

    private readonly BlobView blob;
    private readonly DeviceModuleRecord* modules;
    private readonly int count;

    private DeviceCode(BlobView blob)
    {
        this.blob = blob;
        var header = (DeviceCodeHeader*)blob.DeviceCode;
        if (blob.DeviceCodeBytes < (ulong)sizeof(DeviceCodeHeader))
        {
            throw Wrong("it has " + blob.DeviceCodeBytes + " bytes, fewer than its header's " + sizeof(DeviceCodeHeader));
        }

        if (header->Modules is 0 or > MostModules
            || blob.DeviceCodeBytes < (ulong)sizeof(DeviceCodeHeader) + (header->Modules * (ulong)sizeof(DeviceModuleRecord)))
        {
            throw Wrong("its " + blob.DeviceCodeBytes + " bytes do not hold 1 to " + MostModules + " modules, of which it states " + header->Modules);
        }

        if ((header->Reserved | header->Reserved0 | header->Reserved1 | header->Reserved2 | header->Reserved3) != 0)
        {
            throw Wrong("a reserved field is not zero");
        }

        if (header->StepVersion != DeviceStep.Version || header->StepBytes != (uint)sizeof(DeviceStep))
        {
            throw new EdgeSparseException(
                "the blob's GPU code is of another version of EdgeSparse: compile the model anew, with --gpu");
        }

        UInt128 plan = PlanDigest(blob);
        if (header->PlanLow != (ulong)plan || header->PlanHigh != (ulong)(plan >> 64))
        {
            throw new EdgeSparseException("the blob's GPU code belongs to another network: compile the model anew, with --gpu");
        }

        count = (int)header->Modules;
        modules = (DeviceModuleRecord*)(header + 1);
        for (int i = 0; i < count; i++)
        {
            Check(i);
        }
    }

    /// <summary>Architectures that there is code for, ascending: 87 for sm_87.</summary>
    public IReadOnlyList<int> Architectures
    {
        get
        {
            var found = new List<int>();
            for (int i = 0; i < count; i++)
            {
                int architecture = (int)modules[i].Architecture;
                if (found.Count == 0 || found[^1] != architecture)
                {
                    found.Add(architecture);
                }
            }

            return found;
        }
    }

    /// <summary>The code of a blob.</summary>
    /// <returns>Null where the blob has none.</returns>
    /// <exception cref="EdgeSparseException">The code is damaged, of another version, or for another network.</exception>
    public static DeviceCode? Of(BlobView blob) => blob.DeviceCode == null ? null : new DeviceCode(blob);

    /// <summary>What tells one plan from another; weights' values and names do not matter to it.</summary>
    public static UInt128 PlanDigest(BlobView blob)
    {
        var hash = new XxHash128();
        hash.Append(new ReadOnlySpan<byte>(blob.Values, blob.ValueCount * sizeof(ValueRecord)));
        hash.Append(new ReadOnlySpan<byte>(blob.Weights, blob.WeightCount * sizeof(WeightRecord)));
        hash.Append(new ReadOnlySpan<byte>(blob.Operations, blob.OperationCount * sizeof(OperationRecord)));
        return hash.GetCurrentHashAsUInt128();
    }

    /// <summary>The newest architecture that a device runs, for PTX of an older one is compiled for a newer device by its driver.</summary>
    /// <param name="capability">10 · major + minor of the device's compute capability.</param>
    /// <param name="device">The device's name, for the error.</param>
    /// <exception cref="EdgeSparseException">All code is for newer devices.</exception>
    public int BestFor(int capability, string device)
    {
        int best = 0;
        foreach (int architecture in Architectures)
        {
            best = architecture <= capability ? architecture : best;
        }

        return best != 0
            ? best
            : throw new EdgeSparseException(
                "the blob has GPU code for " + Names() + " and newer, but " + device + " is sm_" + capability + ": compile the model with --gpu sm_" + capability);
    }

    /// <summary>The most threads that a group of an architecture's kernels may have, 0 where there is no code for it.</summary>
    public int GroupThreadsOf(int architecture)
    {
        for (int i = 0; i < count; i++)
        {
            if (modules[i].Architecture == architecture)
            {
                return (int)modules[i].GroupThreads;
            }
        }

        return 0;
    }

    /// <summary>The module of a kernel; its text and entry point end with a zero byte.</summary>
    /// <exception cref="EdgeSparseException">There is none.</exception>
    public DeviceModule Module(DeviceKernel kernel, int architecture)
    {
        for (int i = 0; i < count; i++)
        {
            if (modules[i].Architecture == architecture && modules[i].Kernel == (uint)kernel)
            {
                return new DeviceModule(
                    blob.DeviceCode + modules[i].TextOffset, blob.DeviceCode + modules[i].EntryOffset, (int)modules[i].PtxVersion);
            }
        }

        throw new EdgeSparseException("the blob's GPU code for sm_" + architecture + " lacks the kernel " + (int)kernel + ": compile the model anew, with --gpu");
    }

    private string Names()
    {
        string names = "";
        foreach (int architecture in Architectures)
        {
            names += (names.Length == 0 ? "sm_" : ", sm_") + architecture;
        }

        return names;
    }

    private void Check(int i)
    {
        ref readonly DeviceModuleRecord module = ref modules[i];
        bool isAscending = i == 0 || modules[i - 1].Architecture < module.Architecture
            || (modules[i - 1].Architecture == module.Architecture && modules[i - 1].Kernel < module.Kernel);
        if (!isAscending || module.Architecture is 0 or > 999 || module.PtxVersion is 0 or > 999 || (module.Reserved0 | module.Reserved1) != 0)
        {
            throw Wrong("module " + i + " is not in order, or a number of it is out of range");
        }

        if (module.GroupThreads is < DeviceShape.UsualGroupThreads or > DeviceShape.MostGroupThreads || !BitOperations.IsPow2(module.GroupThreads)
            || (i > 0 && modules[i - 1].Architecture == module.Architecture && modules[i - 1].GroupThreads != module.GroupThreads))
        {
            throw Wrong("module " + i + " is for groups of " + module.GroupThreads + " threads");
        }

        if (!IsText(module.EntryOffset, module.EntryBytes) || !IsText(module.TextOffset, module.TextBytes))
        {
            throw Wrong("a text of module " + i + " is not inside the section, or has no end");
        }
    }

    /// <summary>Whether bytes lie behind the modules and have one zero, at their end.</summary>
    private bool IsText(ulong offset, ulong bytes)
    {
        ulong start = (ulong)sizeof(DeviceCodeHeader) + ((ulong)count * (ulong)sizeof(DeviceModuleRecord));
        ulong end = blob.DeviceCodeBytes;
        return offset >= start && offset < end && bytes >= 2 && bytes <= end - offset && bytes <= int.MaxValue
            && new ReadOnlySpan<byte>(blob.DeviceCode + offset, (int)bytes).IndexOf((byte)0) == (int)bytes - 1;
    }

    private static EdgeSparseException Wrong(string what) => new("the section DeviceCode is wrong: " + what);
}

/// <summary>A kernel's code.</summary>
/// <param name="text">PTX that ends with a zero byte.</param>
/// <param name="entryPoint">A name that ends with a zero byte.</param>
/// <param name="ptxVersion">10 · major + minor.</param>
internal readonly unsafe struct DeviceModule(byte* text, byte* entryPoint, int ptxVersion)
{
    public byte* Text => text;

    public byte* EntryPoint => entryPoint;

    public int PtxVersion => ptxVersion;
}
