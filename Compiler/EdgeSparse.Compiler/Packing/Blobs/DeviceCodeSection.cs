using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Gpu;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Adds the section DeviceCode to a packed blob: the kernels that its plan launches, as PTX for some architectures. No GPU is needed.
/// </summary>
public static class DeviceCodeSection
{
    /// <param name="blob">A blob without the section.</param>
    /// <param name="architectures">Such as <c>sm_53,sm_87</c>.</param>
    /// <param name="progress">Told the kernels.</param>
    /// <param name="cancellation">Ends compiling.</param>
    /// <returns>The blob with the section, and what is in it.</returns>
    /// <exception cref="EdgeSparseException">An architecture is unknown, or the network is too large for a plan.</exception>
    public static (byte[] Blob, DeviceCodeSummary Summary) Add(
        ReadOnlyMemory<byte> blob, string architectures, IProgressSink progress, CancellationToken cancellation = default)
    {
        IReadOnlyList<PtxArchitecture> wanted = PtxArchitecture.Parse(architectures);
        using Model model = Model.FromBytes(blob.Span);
        DevicePlan plan = model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, Batch: 1));
        DeviceKernel[] kernels = [.. plan.Setup.Concat(plan.Launches).Select(l => l.Kernel).Distinct().Order()];

        // A network that computes nothing launches none; one is put in all the same, as modules say which devices have code.
        kernels = kernels.Length > 0 ? kernels : [DeviceKernel.Fill];
        List<(PtxArchitecture Architecture, PtxKernel Kernel)> modules = [];
        using (IProgressTask task = progress.Begin("compiling GPU kernels", wanted.Count * kernels.Length, "kernels"))
        {
            foreach (PtxArchitecture architecture in wanted)
            {
                using PtxCompiler compiler = new(architecture);
                foreach (DeviceKernel kernel in kernels)
                {
                    cancellation.ThrowIfCancellationRequested();
                    modules.Add((architecture, compiler.Compile(kernel)));
                    task.Advance();
                }
            }
        }

        byte[] section = SectionOf(DeviceCode.PlanDigest(model.View), modules);
        return (
            Insert(blob.Span, section),
            new DeviceCodeSummary([.. wanted.Select(a => a.Name)], [.. kernels.Select(k => k.ToString())], section.Length, plan.DeviceBytes));
    }

    private static byte[] SectionOf(UInt128 planDigest, List<(PtxArchitecture Architecture, PtxKernel Kernel)> modules)
    {
        int head = Unsafe.SizeOf<DeviceCodeHeader>() + (modules.Count * Unsafe.SizeOf<DeviceModuleRecord>());
        List<byte> texts = [];
        (ulong Offset, ulong Bytes) Put(string text)
        {
            ulong offset = (ulong)(head + texts.Count);
            texts.AddRange(Encoding.ASCII.GetBytes(text));
            texts.Add(0);
            return (offset, (ulong)text.Length + 1);
        }

        DeviceModuleRecord[] records = new DeviceModuleRecord[modules.Count];
        for (int i = 0; i < records.Length; i++)
        {
            (PtxArchitecture architecture, PtxKernel kernel) = modules[i];
            (ulong entry, ulong entryBytes) = Put(kernel.EntryPoint);
            (ulong text, ulong textBytes) = Put(kernel.Text);
            records[i] = new DeviceModuleRecord
            {
                Architecture = (uint)((10 * architecture.Major) + architecture.Minor),
                PtxVersion = (uint)((10 * architecture.InstructionSetMajor) + architecture.InstructionSetMinor),
                Kernel = (uint)kernel.Kernel,
                SharedBytes = (uint)kernel.SharedBytes,
                EntryOffset = entry,
                EntryBytes = entryBytes,
                TextOffset = text,
                TextBytes = textBytes,
                GroupThreads = (uint)architecture.GroupThreads,
            };
        }

        DeviceCodeHeader header = new()
        {
            PlanLow = (ulong)planDigest,
            PlanHigh = (ulong)(planDigest >> 64),
            Modules = (uint)records.Length,
            StepVersion = DeviceStep.Version,
            StepBytes = (uint)Unsafe.SizeOf<DeviceStep>(),
        };
        byte[] section = new byte[head + texts.Count];
        MemoryMarshal.Write(section, header);
        MemoryMarshal.AsBytes(records.AsSpan()).CopyTo(section.AsSpan(Unsafe.SizeOf<DeviceCodeHeader>()));
        CollectionsMarshal.AsSpan(texts).CopyTo(section.AsSpan(head));
        return section;
    }

    /// <summary>The section table grows by an entry, and all sections move by what that takes.</summary>
    private static byte[] Insert(ReadOnlySpan<byte> blob, byte[] section)
    {
        BlobHeader header = MemoryMarshal.Read<BlobHeader>(blob);
        int tableStart = Unsafe.SizeOf<BlobHeader>();
        int entryBytes = Unsafe.SizeOf<SectionEntry>();
        int count = (int)header.SectionCount;
        SectionEntry[] table = MemoryMarshal.Cast<byte, SectionEntry>(blob.Slice(tableStart, count * entryBytes)).ToArray();
        int oldFirst = (int)table[0].Offset;
        int moved = (int)BlobLayout.Align(tableStart + ((count + 1) * entryBytes)) - oldFirst;
        int end = (int)(table[^1].Offset + table[^1].Length) + moved;
        int start = (int)BlobLayout.Align(end);
        byte[] file = new byte[start + section.Length];
        blob[oldFirst..(end - moved)].CopyTo(file.AsSpan(oldFirst + moved));
        section.CopyTo(file, start);
        for (int i = 0; i < count; i++)
        {
            table[i].Offset += (ulong)moved;
        }

        SectionEntry[] grown = [.. table, new SectionEntry { Kind = SectionKind.DeviceCode, Offset = (ulong)start, Length = (ulong)section.Length }];
        MemoryMarshal.AsBytes(grown.AsSpan()).CopyTo(file.AsSpan(tableStart));
        header.SectionCount++;
        BlobSeal.Write(file, header);
        return file;
    }
}
