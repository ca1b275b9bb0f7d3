namespace EdgeSparse.PtxEmulator.Tests;

/// <summary>What instructions compute, at the ends of their ranges.</summary>
public sealed class InstructionTests
{
    [Theory]
    [InlineData("add.s32", 2147483647, 1, -2147483648)]
    [InlineData("sub.s32", -2147483648, 1, 2147483647)]
    [InlineData("mul.lo.s32", 65537, 65537, 131073)]
    [InlineData("div.s32", -7, 2, -3)]
    [InlineData("div.s32", -2147483648, -1, -2147483648)]
    [InlineData("rem.s32", -7, 2, -1)]
    [InlineData("min.s32", -7, 2, -7)]
    [InlineData("max.s32", -7, 2, 2)]
    [InlineData("and.b32", 12, 10, 8)]
    [InlineData("or.b32", 12, 10, 14)]
    [InlineData("xor.b32", 12, 10, 6)]
    [InlineData("shl.b32", 3, 31, -2147483648)]
    [InlineData("shl.b32", 3, 32, 0)]
    [InlineData("shr.s32", -8, 1, -4)]
    [InlineData("shr.s32", -8, 99, -1)]
    [InlineData("shr.u32", -8, 28, 15)]
    [InlineData("shr.u32", -8, 32, 0)]
    public void Two_integers(string opcode, int a, int b, int expected) =>
        Assert.Equal(expected, Kernel.Run(Kernel.Text($"mov.b32 %r10, {a}; mov.b32 %r11, {b}; {opcode} %r12, %r10, %r11; st.global.b32 [%rd2], %r12;"))[0]);

    [Theory]
    [InlineData("not.b32", 12, -13)]
    [InlineData("neg.s32", -2147483648, -2147483648)]
    public void One_integer(string opcode, int a, int expected) =>
        Assert.Equal(expected, Kernel.Run(Kernel.Text($"mov.b32 %r10, {a}; {opcode} %r12, %r10; st.global.b32 [%rd2], %r12;"))[0]);

    [Theory]
    [InlineData("mul.wide.u32", -1, 2, 1)]
    [InlineData("mul.wide.s32", -1, 2, -1)]
    public void The_upper_half_of_a_wide_product(string opcode, int a, int b, int expected) =>
        Assert.Equal(expected, Kernel.Run(Kernel.Text(
            $"mov.b32 %r10, {a}; {opcode} %rd10, %r10, {b}; cvt.rn.f64.s64 %fd10, %rd10; mul.f64 %fd11, %fd10, 0d3df0000000000000; "
            + "cvt.rn.f32.f64 %f10, %fd11; cvt.rn.f32.s32 %f11, 0; setp.lt.f32 %p10, %f10, %f11; selp.b32 %r12, -1, 1, %p10; st.global.b32 [%rd2], %r12;"))[0]);

    [Theory]
    [InlineData("add.f32", 16777216f, 1f, 16777216f)]
    [InlineData("sub.f32", 1f, 3f, -2f)]
    [InlineData("mul.f32", 1e-38f, 0.001f, 1e-41f)]
    [InlineData("div.rn.f32", 1f, 3f, 0.33333334f)]
    [InlineData("div.rn.f32", 1f, 0f, float.PositiveInfinity)]
    [InlineData("min.f32", float.NaN, 3f, 3f)]
    [InlineData("max.f32", 2f, float.NaN, 2f)]
    public void Two_floats(string opcode, float a, float b, float expected) =>
        Assert.Equal(expected, BitConverter.Int32BitsToSingle(Kernel.Run(Kernel.Text(
            $"mov.f32 %f10, {Hex(a)}; mov.f32 %f11, {Hex(b)}; {opcode} %f12, %f10, %f11; st.global.f32 [%rd2], %f12;"))[0]));

    [Theory]
    [InlineData("neg.f32", 0f, -0f)]
    [InlineData("rcp.rn.f32", 3f, 0.33333334f)]
    [InlineData("sqrt.rn.f32", 2f, 1.4142135f)]
    [InlineData("sqrt.rn.f32", -2f, float.NaN)]
    public void One_float(string opcode, float a, float expected) =>
        Assert.Equal(expected, BitConverter.Int32BitsToSingle(Kernel.Run(Kernel.Text($"mov.f32 %f10, {Hex(a)}; {opcode} %f12, %f10; st.global.f32 [%rd2], %f12;"))[0]));

    [Theory]
    [InlineData(-1.9f, -1)]
    [InlineData(1e30f, 2147483647)]
    [InlineData(-1e30f, -2147483648)]
    [InlineData(float.NaN, 0)]
    public void A_float_becomes_the_nearest_integer_towards_zero(float a, int expected) =>
        Assert.Equal(expected, Kernel.Run(Kernel.Text($"mov.f32 %f10, {Hex(a)}; cvt.rzi.s32.f32 %r12, %f10; st.global.b32 [%rd2], %r12;"))[0]);

    [Theory]
    [InlineData("lt", 1f, 2f, true)]
    [InlineData("lt", float.NaN, 2f, false)]
    [InlineData("ltu", float.NaN, 2f, true)]
    [InlineData("ltu", 2f, 2f, false)]
    [InlineData("leu", 2f, 2f, true)]
    [InlineData("leu", 3f, 2f, false)]
    [InlineData("gtu", 2f, float.NaN, true)]
    [InlineData("gtu", 2f, 2f, false)]
    [InlineData("geu", 2f, 2f, true)]
    [InlineData("geu", 1f, 2f, false)]
    [InlineData("gt", 3f, 2f, true)]
    [InlineData("ge", 2f, 2f, true)]
    [InlineData("ge", float.NaN, 2f, false)]
    [InlineData("eq", 0f, -0f, true)]
    [InlineData("neu", float.NaN, float.NaN, true)]
    [InlineData("neu", 0f, -0f, false)]
    public void Comparisons_of_floats(string comparison, float a, float b, bool expected) =>
        Assert.Equal(expected ? 1 : 0, Kernel.Run(Kernel.Text(
            $"mov.f32 %f10, {Hex(a)}; mov.f32 %f11, {Hex(b)}; setp.{comparison}.f32 %p10, %f10, %f11; selp.b32 %r12, 1, 0, %p10; st.global.b32 [%rd2], %r12;"))[0]);

    [Theory]
    [InlineData("setp.lt.s32", -1, 1, true)]
    [InlineData("setp.lo.u32", -1, 1, false)]
    [InlineData("setp.hi.u32", -1, 1, true)]
    [InlineData("setp.hs.u32", 1, 1, true)]
    [InlineData("setp.ls.u32", 2, 1, false)]
    [InlineData("setp.ne.s32", 2, 1, true)]
    public void Comparisons_of_integers(string opcode, int a, int b, bool expected) =>
        Assert.Equal(expected ? 1 : 0, Kernel.Run(Kernel.Text(
            $"mov.b32 %r10, {a}; {opcode} %p10, %r10, {b}; selp.b32 %r12, 1, 0, %p10; st.global.b32 [%rd2], %r12;"))[0]);

    [Fact]
    public void Predicates_are_joined_in_each_thread() =>
        Assert.Equal([0, 1, 1, 0], Kernel.Run(
            Kernel.Text("setp.ge.s32 %p10, %r1, 3; setp.lt.or.s32 %p11, %r1, 1, %p10; not.pred %p12, %p11; mov.pred %p13, 1; and.pred %p14, %p12, %p13; "
                + "selp.b32 %r12, 1, 0, %p14; st.global.b32 [%rd2], %r12;"), threads: 4)[..4]);

    [Fact]
    public void Four_words_are_loaded_and_stored_at_once_and_an_offset_counts() =>
        Assert.Equal([0, 1, 2, 3, 20, 6, 5, 4], Kernel.Run(
            Kernel.Text("ld.global.v4.b32 {%r10, %r11, %r12, %r13}, [%rd1+16]; mov.b32 %r10, 20; st.global.v4.b32 [%rd1+16], {%r10, %r12, %r11, %r13}; "
                + "ld.global.b32 %r14, [%rd1+16]; ld.global.b32 %r13, [%rd1+20]; ld.global.b32 %r12, [%rd1+24]; "
                + "mov.b32 %r11, 4; mov.b32 %r12, 5; st.global.v4.b32 [%rd1+16], {%r14, %r13, %r12, %r11};"))[..8]);

    [Fact]
    public void A_function_computes_in_the_threads_that_call_it() =>
        Assert.Equal([0, 11, 2, 13], Kernel.Run(
            Kernel.Text(
                """
                and.b32 %r10, %r1, 1; setp.eq.s32 %p10, %r10, 0; @%p10 bra L_1;
                { .param .b32 callParam0; st.param.b32 [callParam0], %r1; .param .b32 callRetVal; call.uni (callRetVal), Of_1, (callParam0); ld.param.b32 %r11, [callRetVal]; }
                st.global.b32 [%rd2], %r11;
                L_1:
                """,
                functions: """
                .visible .func (.param .b32 retval_0) Of_1(.param .b32 _a_1);
                .visible .func (.param .b32 retval_0) Of_1(.param .b32 _a_1)
                { .reg .b32 %r<4>; ld.param.b32 %r1, [_a_1]; add.s32 %r2, %r1, 10; st.param.b32 [retval_0], %r2; ret; }
                """), threads: 4)[..4]);

    [Fact]
    public void Threads_part_at_branches_and_loops_and_meet_again() =>
        Assert.Equal([0, 1, 3, 6, 10], Kernel.Run(
            Kernel.Text(
                """
                mov.b32 %r10, 0; mov.b32 %r11, 0;
                L_1: setp.gt.s32 %p10, %r10, %r1; @%p10 bra L_2;
                add.s32 %r11, %r11, %r10; add.s32 %r10, %r10, 1; bra.uni L_1;
                L_2: bar.sync 0; st.global.b32 [%rd2], %r11;
                """), threads: 5)[..5]);

    [Fact]
    public void A_table_of_branches_takes_each_thread_to_its_own() =>
        Assert.Equal([20, 10, 20, 10], Kernel.Run(
            Kernel.Text(
                """
                and.b32 %r10, %r1, 1;
                L_0: .branchtargets L_1, L_2;
                brx.idx %r10, L_0;
                L_2: mov.b32 %r11, 10; bra.uni L_3;
                L_1: mov.b32 %r11, 20;
                L_3: bar.sync 0; st.global.b32 [%rd2], %r11;
                """), threads: 4)[..4]);

    [Fact]
    public void Threads_of_other_warps_see_what_was_written_before_a_barrier() =>
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i ^ 32), Kernel.Run(
            Kernel.Text(
                """
                mov.b64 %rd10, shared; mul.wide.u32 %rd11, %r1, 4; add.u64 %rd12, %rd10, %rd11; st.shared.b32 [%rd12], %r1;
                bar.sync 0;
                xor.b32 %r10, %r1, 32; mul.wide.u32 %rd11, %r10, 4; add.u64 %rd12, %rd10, %rd11; ld.shared.b32 %r11, [%rd12]; st.global.b32 [%rd2], %r11;
                """,
                ".shared .align 4 .b8 shared[256];"), threads: 64));

    private static string Hex(float value) => $"0f{BitConverter.SingleToInt32Bits(value):X8}";
}
