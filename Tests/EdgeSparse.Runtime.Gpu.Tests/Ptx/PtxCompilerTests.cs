using System.Runtime.CompilerServices;
using EdgeSparse.PtxEmulator.Modules;
using EdgeSparse.Runtime.Offload;

namespace EdgeSparse.Runtime.Gpu.Tests.Ptx;

/// <summary>Device code that is compiled ahead of time, on a machine without a GPU.</summary>
public sealed class PtxCompilerTests
{
    /// <summary>What every GPU has for a group without being asked.</summary>
    private const int SharedBytes = 48 * 1024;

    public static TheoryData<string> Architectures => [.. PtxArchitecture.All.Select(a => a.Name)];

    [Fact]
    public void Every_kernel_is_a_whole_module_whose_entry_point_takes_the_arguments_of_all()
    {
        using var compiler = new PtxCompiler(PtxArchitecture.Parse("sm_53")[0]);
        foreach (DeviceKernel kernel in Enum.GetValues<DeviceKernel>())
        {
            PtxKernel compiled = compiler.Compile(kernel);
            var module = PtxModule.Read(compiled.Text);
            Assert.Equal(kernel, compiled.Kernel);
            Assert.Equal(compiled.EntryPoint, module.Entry.Name);
            Assert.Equal(compiled.SharedBytes, module.SharedBytes);

            // Two views, an address and a length each, and the step.
            Assert.Equal([(8, 16), (8, 16), (4, Unsafe.SizeOf<DeviceStep>())], module.Entry.Parameters.Select(p => (p.Alignment, p.Bytes)));
            Assert.Equal(128, module.MostThreads);
            Assert.InRange(compiled.SharedBytes, 0, SharedBytes);
            Assert.DoesNotContain(".local", compiled.Text, StringComparison.Ordinal);
        }
    }

    /// <summary>ILGPU promises it where it is not so: the emulated GPU of EdgeSparse.Runtime.Cuda.Tests refuses TopK, Reduce and LocalResponse with it.</summary>
    [Fact]
    public void No_branch_with_a_condition_promises_that_all_threads_of_a_warp_go_the_same_way()
    {
        using var compiler = new PtxCompiler(PtxArchitecture.Parse("sm_53")[0]);
        foreach (DeviceKernel kernel in Enum.GetValues<DeviceKernel>())
        {
            string text = compiler.Compile(kernel).Text;
            Assert.DoesNotMatch(@"@!?%p\d+\s+bra\.uni", text);
            Assert.Matches(@"@!?%p\d+\s+bra\s", text);
        }

        Assert.Equal("@%p1 bra\tL_1;\n@!%p12 bra L_2;\nbra.uni L_3;", PtxBranches.WithoutPromises("@%p1 bra.uni\tL_1;\n@!%p12 bra L_2;\nbra.uni L_3;"));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void A_module_declares_the_architecture_and_the_version_that_it_is_for(string name)
    {
        PtxArchitecture architecture = Assert.Single(PtxArchitecture.Parse(name));
        using var compiler = new PtxCompiler(architecture);
        var module = PtxModule.Read(compiler.Compile(DeviceKernel.FrameFill).Text);
        Assert.Equal(name, module.Target);
        // The Tegra X1 and X2 have registers for no more.
        Assert.Equal(name is "sm_53" or "sm_62" ? 128 : 512, module.MostThreads);
        Assert.Equal($"{architecture.InstructionSetMajor}.{architecture.InstructionSetMinor}", module.Version);
    }

    [Fact]
    public void Sparse_products_load_four_pixels_at_once_and_stage_weights_in_shared_memory()
    {
        using var compiler = new PtxCompiler(PtxArchitecture.Parse("sm_87")[0]);
        PtxKernel rows = compiler.Compile(DeviceKernel.SparseRows);
        Assert.Contains("ld.global.v4.f32", rows.Text, StringComparison.Ordinal);
        Assert.Contains("st.global.v4.f32", rows.Text, StringComparison.Ordinal);
        Assert.Contains("st.shared", rows.Text, StringComparison.Ordinal);
        Assert.Contains("bar.sync", rows.Text, StringComparison.Ordinal);
        Assert.Equal(2 * 2 * DeviceShape.StagedFours * 4 * sizeof(float), rows.SharedBytes);
        using var small = new PtxCompiler(PtxArchitecture.Parse("sm_62")[0]);
        Assert.Equal(2 * 2 * DeviceShape.FewStagedFours * 4 * sizeof(float), small.Compile(DeviceKernel.SparseRows).SharedBytes);
    }

    [Theory]
    [InlineData(nameof(DeviceKernel.SparseRows), 32)]
    [InlineData(nameof(DeviceKernel.SparseQuads), 128)]
    public void The_loop_of_a_product_multiplies_what_it_has_and_then_loads_eight_inputs_at_once(string kernel, int products)
    {
        // Any other order keeps twice as many inputs, or waits for each: ILGPU chooses it by how the loop is written.
        using var compiler = new PtxCompiler(PtxArchitecture.Parse("sm_87")[0]);
        string text = compiler.Compile(Enum.Parse<DeviceKernel>(kernel)).Text;
        string[] blocks = text[text.IndexOf(".entry", StringComparison.Ordinal)..].Split("\n\tL_");
        string body = Assert.Single(blocks, b => Count(b, Load) == 8 && Count(b, "mul.f32") == products);
        Assert.True(body.LastIndexOf("mul.f32", StringComparison.Ordinal) < body.IndexOf(Load, StringComparison.Ordinal), body);

        static int Count(string text, string instruction) => text.Split(instruction).Length - 1;
    }

    private const string Load = "ld.global.v4.f32";

    [Fact]
    public void A_list_of_architectures_is_read_in_order_and_each_once() =>
        Assert.Equal(["sm_53", "sm_87"], PtxArchitecture.Parse("sm_87,sm_53,sm_87").Select(a => a.Name));

    [Theory]
    [InlineData("sm_52")]
    [InlineData("")]
    [InlineData("sm_87,orin")]
    public void An_unknown_architecture_is_told_with_those_that_there_are(string list)
    {
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => PtxArchitecture.Parse(list));
        Assert.EndsWith(
            "is no GPU architecture that kernels can be compiled for; there are sm_53, sm_60, sm_61, sm_62, sm_70, sm_72, sm_75, sm_80, sm_86, sm_87, sm_89, sm_90",
            error.Message, StringComparison.Ordinal);
    }
}
