namespace EdgeSparse.Runtime.Gpu;

/// <summary>Sessions of models on accelerators.</summary>
public static class GpuModelExtensions
{
    /// <summary>
    /// Compiles the model's kernels for an accelerator, copies its weights there and makes a session with arenas for a batch. The
    /// model may be disposed while the session lives.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="backend">The accelerator, for example <c>GpuBackend.Cuda(0)</c>.</param>
    /// <param name="batch">Samples of a run: 1 to 65,535.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch is none of these.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">
    /// The machine does not have the accelerator, or that does not have the memory, which the message states.
    /// </exception>
    public static GpuSession CreateSession(this Model model, GpuBackend backend, int batch = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batch, Offload.DeviceShape.MostSamples);
        (ILGPU.Context context, ILGPU.Runtime.Accelerator accelerator) = backend.Open();
        return new GpuSession(model, accelerator, backend.GroupThreads, batch, context);
    }
}
