using EdgeSparse.PtxEmulator.Modules;

namespace EdgeSparse.PtxEmulator.Tests;

/// <summary>What a GPU may answer in any way is refused, with its place.</summary>
public sealed class FaultTests
{
    private const string Shared = ".shared .align 4 .b8 shared[256];";

    private const string OwnSharedWord = "mov.b64 %rd10, shared; mul.wide.u32 %rd11, %r1, 4; add.u64 %rd12, %rd10, %rd11; ";

    [Theory]
    [InlineData("ld.global.b32 %r10, [%rd1+256];", "thread 0 is outside of all memory")]
    [InlineData("ld.global.b32 %r10, [%rd1+254];", "thread 0 is not aligned")]
    [InlineData("ld.global.v4.b32 {%r10, %r11, %r12, %r13}, [%rd1+4];", "thread 0 is not aligned")]
    [InlineData("mov.b64 %rd10, 0; st.global.b32 [%rd10], %r1;", "thread 0 is outside of all memory")]
    [InlineData("add.s32 %r10, %r11, 1;", "thread 0 reads a register that nothing was written to")]
    [InlineData("div.s32 %r10, 5, %r1;", "thread 0 divides by zero")]
    [InlineData("st.global.b32 [%rd1], %r1;", "thread 1 writes where another thread writes at the same time")]
    [InlineData("ld.global.b32 %r10, [%rd1]; st.global.b32 [%rd2], %r1;", "thread 0 writes what another thread reads at the same time")]
    [InlineData("st.global.b32 [%rd2], %r1; ld.global.b32 %r10, [%rd1];", "thread 1 reads what another thread writes at the same time")]
    [InlineData("setp.lt.s32 %p10, %r1, 5; @%p10 bra.uni L_1; L_1:", "thread 0 goes another way than others of its warp")]
    [InlineData("L_0: .branchtargets L_1, L_1; and.b32 %r10, %r1, 1; brx.idx.uni %r10, L_0; L_1:", "thread 0 goes another way than others of its warp")]
    [InlineData("L_0: .branchtargets L_1; brx.idx %r1, L_0; L_1:", "thread 1 has no branch 1")]
    [InlineData("setp.lt.s32 %p10, %r1, 5; @%p10 bra L_1; bar.sync 0; L_1:", "thread 0 does not come to a barrier of the group with the others of its warp")]
    [InlineData("setp.lt.s32 %p10, %r1, 5; @%p10 bra L_1; bar.warp.sync 4294967295; L_1:", "thread 0 does not come to a barrier of the warp with the others of its warp")]
    [InlineData(OwnSharedWord + "ld.shared.b32 %r10, [%rd12];", "thread 0 reads shared memory that nothing was written to")]
    [InlineData(OwnSharedWord + "st.shared.b32 [%rd12+256], %r1;", "thread 0 is outside of shared memory")]
    [InlineData(OwnSharedWord + "st.shared.b32 [%rd12], %r1; ld.shared.b32 %r10, [%rd10];", "thread 1 reads what another thread writes at the same time")]
    public void A_thread_that_does_what_it_may_not_is_named(string body, string expected) =>
        Assert.Contains($"Kernel_Test, group (0, 0), {expected}", Kernel.Fault(Kernel.Text(body, Shared)), StringComparison.Ordinal);

    [Fact]
    public void The_message_has_the_statement_and_its_line() =>
        Assert.EndsWith(": div.s32 %r10, 5, %r1 (line 22)", Kernel.Fault(Kernel.Text("div.s32 %r10, 5, %r1;")), StringComparison.Ordinal);

    [Fact]
    public void A_barrier_of_the_warp_orders_its_threads_and_no_others()
    {
        string text = Kernel.Text(
            OwnSharedWord + "st.shared.b32 [%rd12], %r1; bar.warp.sync 4294967295; xor.b32 %r10, %r1, 1; mul.wide.u32 %rd11, %r10, 4; add.u64 %rd12, %rd10, %rd11; "
            + "ld.shared.b32 %r11, [%rd12]; st.global.b32 [%rd2], %r11;",
            Shared);
        Assert.Equal([1, 0, 3, 2], Kernel.Run(text, threads: 64)[..4]);
        Assert.Contains(
            "thread 0 reads shared memory that nothing was written to", Kernel.Fault(text.Replace("%r1, 1;", "%r1, 32;", StringComparison.Ordinal), threads: 64), StringComparison.Ordinal);
    }

    [Fact]
    public void Groups_have_no_order_and_launches_have_one()
    {
        string text = Kernel.Text("mov.b32 %r10, %ctaid.x; add.s32 %r11, %r10, %r1; mul.wide.u32 %rd10, %r11, 4; add.u64 %rd11, %rd1, %rd10; st.global.b32 [%rd11], %r1;");
        Assert.Contains("group (1, 0), thread 0 writes where another thread writes at the same time", Kernel.Fault(text, threads: 2, groups: 2), StringComparison.Ordinal);
        Assert.Equal([0, 0, 2], Kernel.Run(text, threads: 1, groups: 2)[..3]);
    }

    [Theory]
    [InlineData("fma.rn.f32 %f10, %f11, %f12, %f13;", "line 22: this is not emulated: fma.rn.f32 %f10, %f11, %f12, %f13")]
    [InlineData("@%p1 mov.b32 %r10, 1;", "line 22: this is not emulated: @%p1 mov.b32 %r10, 1")]
    [InlineData("bra.uni L_9;", "line 22: Kernel_Test has no such label: bra.uni L_9")]
    [InlineData("mov.b32 %r31, 1;", "line 22: there is no register %r31: mov.b32 %r31, 1")]
    [InlineData("mov.b32 %rd10, 1;", "line 22: this is not emulated: mov.b32 %rd10, 1")]
    [InlineData("{", "the module ends too early")]
    [InlineData("}", "'ret' is no function before ';'")]
    public void Text_that_is_no_module_or_is_not_emulated_is_refused(string body, string expected) =>
        Assert.Contains(expected, Assert.Throws<PtxException>(() => Kernel.Run(Kernel.Text(body))).Message, StringComparison.Ordinal);
}
