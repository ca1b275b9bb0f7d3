using System.Runtime.InteropServices;
using EdgeSparse.PtxEmulator.Execution;
using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Tests;

/// <summary>Small kernels, which have the address of some words of memory in %rd1, the thread in %r1 and the address of its word in %rd2.</summary>
internal static class Kernel
{
    /// <param name="body">Statements; registers up to %r30, %rd30, %f30, %fd30 and %p30 are free from 10 on.</param>
    /// <param name="declarations">Before the registers.</param>
    /// <param name="functions">Before the entry point.</param>
    public static string Text(string body, string declarations = "", string functions = "") =>
        $$"""
        .version 6.0
        .target sm_53
        .address_size 64
        {{functions}}
        .visible .entry Kernel_Test(
            .param .align 8 .b8 _memory_0[8],
            .param .align 4 .b8 _number_1[4]
        )
        .maxntid 128, 1, 1
        {
            {{declarations}}
            .reg .pred %p<31>;
            .reg .b32 %r<31>;
            .reg .b64 %rd<31>;
            .reg .f32 %f<31>;
            .reg .f64 %fd<31>;
            ld.param.b64 %rd1, [_memory_0];
            ld.param.b32 %r2, [_number_1];
            mov.b32 %r1, %tid.x;
            mul.wide.u32 %rd2, %r1, 4;
            add.u64 %rd2, %rd1, %rd2;
            {{body}}
            ret;
        }
        """;

    /// <summary>The words of memory after a run, which are their own numbers before it.</summary>
    public static int[] Run(string text, int threads = 1, int groups = 1, int words = 64, int number = 7)
    {
        Program program = new(PtxModule.Read(text));
        DeviceMemory memory = new();
        nint address = memory.Allocate(words * sizeof(int));
        try
        {
            Marshal.Copy(Enumerable.Range(0, words).ToArray(), 0, address, words);
            program.Run(memory, [.. BitConverter.GetBytes(address), .. BitConverter.GetBytes(number)], groups, 1, threads);
            int[] after = new int[words];
            Marshal.Copy(address, after, 0, words);
            return after;
        }
        finally
        {
            memory.Free(address);
        }
    }

    /// <summary>What is said of a kernel that does what it may not.</summary>
    public static string Fault(string text, int threads = 32, int groups = 1) => Assert.Throws<PtxFaultException>(() => Run(text, threads, groups)).Message;
}
