using EdgeSparse.Runtime.Tests.Kernels;

namespace EdgeSparse.Runtime.Gpu.Tests;

/// <summary>A session's surface, and what it says of bad input and of machines without the accelerator.</summary>
public sealed class SessionTests
{
    [Fact]
    public void A_model_runs_on_the_backend_that_is_named_and_may_be_disposed_before_its_session()
    {
        Model model = Doubling();
        using GpuSession session = model.CreateSession(GpuBackend.Cpu(), batch: 2);
        model.Dispose();
        float[] y = new float[6];
        session.Run([1, 2, 3, -4, 5, 6], y);
        Assert.Equal([2f, 4, 6, -8, 10, 12], y);
        Assert.Equal(2, session.Batch);
    }

    [Fact]
    public void What_a_session_takes_of_the_device_is_known_and_grows_with_the_batch_by_its_arenas_alone()
    {
        using Model model = Doubling();
        using GpuSession one = model.CreateSession(GpuBackend.Cpu(), batch: 1);
        using GpuSession three = model.CreateSession(GpuBackend.Cpu(), batch: 3);
        Assert.Equal(one.DeviceBytes + (2 * model.ArenaBytes), three.DeviceBytes);
    }

    [Fact]
    public void Too_little_memory_is_told_with_the_figures_before_anything_is_allocated()
    {
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => GpuSession.RequireMemory(5000, 8, "Orin", 4000));
        Assert.Equal(
            "the model needs 5000 bytes of device memory for a batch of 8, but Orin has 4000: use a smaller batch or another device", error.Message);
    }

    [Fact]
    public void A_machine_without_the_accelerator_is_told_so_in_one_line()
    {
        using Model model = Doubling();
        EdgeSparseException error = Assert.Throws<EdgeSparseException>(() => model.CreateSession(GpuBackend.Cuda(1000)));
        Assert.Matches("^(this machine has no CUDA device, or its driver is not installed|there is no CUDA device 1000: this machine has \\d+, counted from 0)$", error.Message);
    }

    [Fact]
    public void Wrong_numbers_of_elements_are_told_with_the_batch()
    {
        using Model model = Doubling();
        using GpuSession session = model.CreateSession(GpuBackend.Cpu(), batch: 2);
        Assert.Equal(
            "the input 'x' has 3 elements a sample, 6 for a batch of 2, but 3 were given",
            Assert.Throws<InputShapeException>(() => session.SetInput(0, [1, 2, 3])).Message);
        Assert.Equal(
            "the output 'y' has 3 elements a sample, 6 for a batch of 2, but 5 were given",
            Assert.Throws<InputShapeException>(() => session.Run([1, 2, 3, 4, 5, 6], new float[5])).Message);
    }

    [Fact]
    public void A_run_needs_inputs_and_an_output_a_run()
    {
        using Model model = Doubling();
        using GpuSession session = model.CreateSession(GpuBackend.Cpu());
        Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, new float[3]));
        Assert.Throws<InvalidOperationException>(session.Run);
        Assert.Throws<ArgumentOutOfRangeException>(() => session.SetInput(1, [1, 2, 3]));
    }

    [Fact]
    public void Batches_and_devices_have_bounds()
    {
        using Model model = Doubling();
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateSession(GpuBackend.Cpu(), batch: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => model.CreateSession(GpuBackend.Cpu(), batch: 65536));
        Assert.Throws<ArgumentOutOfRangeException>(() => GpuBackend.Cuda(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => GpuBackend.Cpu(3));
    }

    [Fact]
    public void A_disposed_session_refuses_to_run()
    {
        using Model model = Doubling();
        GpuSession session = model.CreateSession(GpuBackend.Cpu());
        session.Dispose();
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(session.Run);
    }

    [Fact]
    public void An_index_out_of_range_names_the_layer_and_the_next_run_is_right()
    {
        var blob = new Runtime.Tests.Blob.BlobBuilder();
        int x = GeneralCase.Input(blob, "x", 3);
        int indices = GeneralCase.Input(blob, "indices", 2);
        blob.Step("picked", Blob.OperationKind.Gather, x, GeneralCase.Output(blob, 2), default, input1: indices, parameters: new[] { 1, 3, 1, 2 });
        using Model model = Model.FromBytes(blob.Build());
        using GpuSession session = model.CreateSession(GpuBackend.Cpu(), batch: 2);
        void Run(params float[] places)
        {
            session.SetInput(0, [1, 2, 3, 4, 5, 6]);
            session.SetInput(1, places);
            session.Run();
        }

        Assert.Equal(
            "layer 'picked' (Gather) was given the index 3, which is out of range",
            Assert.Throws<EdgeSparseException>(() => Run(0, 1, 3, 2)).Message);
        Assert.Throws<InvalidOperationException>(() => session.GetOutput(0, new float[4]));
        Run(0, -1, 2, 1);
        float[] y = new float[4];
        session.GetOutput(0, y);
        Assert.Equal([1f, 3, 6, 5], y);
    }

    /// <summary>y = x + x, of three numbers.</summary>
    private static Model Doubling()
    {
        var blob = new Runtime.Tests.Blob.BlobBuilder();
        int x = GeneralCase.Input(blob, "x", 3);
        blob.Step("double", Blob.OperationKind.Add, x, GeneralCase.Output(blob, 3), default, input1: x);
        return Model.FromBytes(blob.Build());
    }
}
