using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Packing;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Compiler.Zoo;
using EdgeSparse.PtxEmulator.Modules;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Offload;
using EdgeSparse.Runtime.Tests.Blob;

namespace EdgeSparse.Runtime.Gpu.Tests;

/// <summary>The section DeviceCode: what the packer puts into it, and what a session on a GPU refuses of it.</summary>
public sealed class DeviceCodeTests
{
    private delegate void Change<T>(ref T record);

    private static readonly Lazy<byte[]> Plain = new(() => Packer.Pack(ModelZoo.Create("lenet-5", 1), new PackOptions()).Bytes.ToArray());
    private static readonly Lazy<(byte[] Blob, DeviceCodeSummary Summary)> Compiled =
        new(() => DeviceCodeSection.Add(SelfTestSection.AddGenerated(Plain.Value), "sm_87,sm_53", IProgressSink.Silent));

    [Fact]
    public void A_blob_carries_the_kernels_of_its_plan_for_each_architecture_and_runs_on_the_CPU_as_before()
    {
        (byte[] blob, DeviceCodeSummary summary) = Compiled.Value;
        Assert.Equal(["sm_53", "sm_87"], summary.Architectures);
        using Model plain = Model.FromBytes(Plain.Value);
        using Model model = Model.FromBytes(blob);
        DevicePlan plan = model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, 1));
        DeviceKernel[] kernels = [.. plan.Setup.Concat(plan.Launches).Select(l => l.Kernel).Distinct().Order()];
        Assert.Equal(kernels.Select(k => $"{k}"), summary.Kernels);
        DeviceCode code = DeviceCode.Of(model.View)!;
        Assert.Equal([53, 87], code.Architectures);
        Assert.Equal((128, 512, 0), (code.GroupThreadsOf(53), code.GroupThreadsOf(87), code.GroupThreadsOf(86)));
        foreach (int architecture in code.Architectures)
        {
            foreach (DeviceKernel kernel in kernels)
            {
                (string text, string entry, int version) = TextsOf(code.Module(kernel, architecture));
                var module = PtxModule.Read(text);
                Assert.Equal(
                    ($"sm_{architecture}", entry, $"{version / 10}.{version % 10}", code.GroupThreadsOf(architecture)),
                    (module.Target, module.Entry.Name, module.Version, module.MostThreads));
                Assert.Equal([16, 16, Unsafe.SizeOf<DeviceStep>()], module.Entry.Parameters.Select(p => p.Bytes));
            }
        }

        Assert.True(model.SelfTest!.Run(model.CreateSession()).Passed);
        Assert.Equal(plain.ArenaBytes, model.ArenaBytes);
    }

    [Fact]
    public void Equal_networks_get_equal_files() =>
        Assert.Equal(
            Compiled.Value.Blob, DeviceCodeSection.Add(SelfTestSection.AddGenerated(Plain.Value), "sm_53,sm_87", IProgressSink.Silent, TestContext.Current.CancellationToken).Blob);

    [Fact]
    public void A_blob_without_samples_may_have_code_too_and_one_without_code_says_so()
    {
        using Model model = Model.FromBytes(DeviceCodeSection.Add(Plain.Value, "sm_90", IProgressSink.Silent, TestContext.Current.CancellationToken).Blob);
        Assert.Null(model.SelfTest);
        Assert.Equal([90], DeviceCode.Of(model.View)!.Architectures);
        using Model plain = Model.FromBytes(Plain.Value);
        Assert.Null(DeviceCode.Of(plain.View));
    }

    [Fact]
    public void A_network_that_launches_no_kernel_has_code_for_its_architectures_all_the_same()
    {
        var blob = new BlobBuilder();
        int x = blob.Vector("x", 3);
        blob.Input("x", x, 3);
        blob.Output("y", x, 3);
        using Model model = Model.FromBytes(DeviceCodeSection.Add(blob.Build(), "sm_53,sm_87", IProgressSink.Silent, TestContext.Current.CancellationToken).Blob);
        Assert.Empty(model.PlanForDevice(new DeviceShape(DeviceShape.UsualGroupThreads, 1)).Launches);
        Assert.Equal([53, 87], DeviceCode.Of(model.View)!.Architectures);
    }

    [Theory]
    [InlineData(53, 53)]
    [InlineData(62, 53)]
    [InlineData(87, 87)]
    [InlineData(120, 87)]
    public void A_device_gets_the_newest_code_that_it_runs(int capability, int architecture)
    {
        using Model model = Model.FromBytes(Compiled.Value.Blob);
        Assert.Equal(architecture, DeviceCode.Of(model.View)!.BestFor(capability, "Orin"));
    }

    [Fact]
    public void A_device_that_is_older_than_all_code_is_told_what_to_compile_for()
    {
        using Model model = Model.FromBytes(Compiled.Value.Blob);
        Assert.Equal(
            "the blob has GPU code for sm_53, sm_87 and newer, but Tegra K1 is sm_32: compile the model with --gpu sm_32",
            Assert.Throws<EdgeSparseException>(() => DeviceCode.Of(model.View)!.BestFor(32, "Tegra K1")).Message);
    }

    [Fact]
    public void An_unknown_architecture_is_told_with_those_that_there_are() =>
        Assert.StartsWith(
            "'sm_1' is no GPU architecture that kernels can be compiled for; there are sm_53, ",
            Assert.Throws<EdgeSparseException>(() => DeviceCodeSection.Add(Plain.Value, "sm_1", IProgressSink.Silent, TestContext.Current.CancellationToken)).Message);

    [Fact]
    public void Code_of_another_network_or_version_is_refused_where_it_would_be_used()
    {
        Assert.Equal(
            "the blob's GPU code belongs to another network: compile the model anew, with --gpu",
            Refused((ref DeviceCodeHeader h) => h.PlanLow++));
        Assert.Equal(
            "the blob's GPU code is of another version of EdgeSparse: compile the model anew, with --gpu",
            Refused((ref DeviceCodeHeader h) => h.StepVersion++));
        Assert.Equal(
            "the blob's GPU code is of another version of EdgeSparse: compile the model anew, with --gpu",
            Refused((ref DeviceCodeHeader h) => h.StepBytes += 4));
    }

    [Fact]
    public void A_damaged_section_is_refused_where_it_would_be_used_and_no_byte_of_it_leads_outside()
    {
        Assert.Contains("do not hold 1 to 4096 modules, of which it states 0", Refused((ref DeviceCodeHeader h) => h.Modules = 0), StringComparison.Ordinal);
        Assert.Contains("do not hold 1 to 4096 modules", Refused((ref DeviceCodeHeader h) => h.Modules = 4097), StringComparison.Ordinal);
        Assert.Contains("a reserved field is not zero", Refused((ref DeviceCodeHeader h) => h.Reserved3 = 1), StringComparison.Ordinal);
        Assert.Contains("a reserved field is not zero", Refused((ref DeviceCodeHeader h) => h.Reserved = 1), StringComparison.Ordinal);
        string order = "the section DeviceCode is wrong: module 0 is not in order, or a number of it is out of range";
        Assert.Equal(order, Refused((ref DeviceModuleRecord m) => m.Architecture = 0));
        Assert.Equal(order, Refused((ref DeviceModuleRecord m) => m.PtxVersion = 1000));
        Assert.Equal(order, Refused((ref DeviceModuleRecord m) => m.Reserved1 = 1));
        string threads = "the section DeviceCode is wrong: module 0 is for groups of ";
        Assert.Equal(threads + "64 threads", Refused((ref DeviceModuleRecord m) => m.GroupThreads = 64));
        Assert.Equal(threads + "384 threads", Refused((ref DeviceModuleRecord m) => m.GroupThreads = 384));
        Assert.Equal(threads + "1024 threads", Refused((ref DeviceModuleRecord m) => m.GroupThreads = 1024));
        Assert.Equal(
            "the section DeviceCode is wrong: module 1 is for groups of 128 threads", Refused((ref DeviceModuleRecord m) => m.GroupThreads = 256));
        string text = "the section DeviceCode is wrong: a text of module 0 is not inside the section, or has no end";
        Assert.Equal(text, Refused((ref DeviceModuleRecord m) => m.TextBytes--));
        Assert.Equal(text, Refused((ref DeviceModuleRecord m) => m.TextBytes++));
        Assert.Equal(text, Refused((ref DeviceModuleRecord m) => m.TextOffset = 0));
        Assert.Equal(text, Refused((ref DeviceModuleRecord m) => m.TextOffset = ulong.MaxValue));
        Assert.Equal(text, Refused((ref DeviceModuleRecord m) => m.EntryBytes = ulong.MaxValue));
    }

    private static unsafe (string Text, string Entry, int Version) TextsOf(DeviceModule module) =>
        (Marshal.PtrToStringAnsi((nint)module.Text)!, Marshal.PtrToStringAnsi((nint)module.EntryPoint)!, module.PtxVersion);

    /// <summary>What is said of a blob whose section's header or first module is changed; the CPU runs it all the same.</summary>
    private static string Refused<T>(Change<T> change)
        where T : unmanaged
    {
        byte[] blob = [.. Compiled.Value.Blob];
        uint sections = MemoryMarshal.Read<BlobHeader>(blob).SectionCount;
        SectionEntry entry = MemoryMarshal.Read<SectionEntry>(
            blob.AsSpan(Unsafe.SizeOf<BlobHeader>() + (((int)sections - 1) * Unsafe.SizeOf<SectionEntry>())));
        Assert.Equal(SectionKind.DeviceCode, entry.Kind);
        int at = (int)entry.Offset + (typeof(T) == typeof(DeviceModuleRecord) ? Unsafe.SizeOf<DeviceCodeHeader>() : 0);
        T record = MemoryMarshal.Read<T>(blob.AsSpan(at));
        change(ref record);
        MemoryMarshal.Write(blob.AsSpan(at), record);
        BlobBuilder.Digest(blob);
        using Model model = Model.FromBytes(blob);
        Assert.True(model.SelfTest!.Run(model.CreateSession()).Passed);
        return Assert.Throws<EdgeSparseException>(() => DeviceCode.Of(model.View)).Message;
    }
}
