namespace EdgeSparse.Runtime.Cuda;

/// <summary>Sessions on NVIDIA GPUs by code that blobs carry.</summary>
public static class CudaModelExtensions
{
    /// <summary>
    /// Gives the blob's PTX to the driver, copies the weights to the device and makes a session. The model may be disposed while the
    /// session lives.
    /// </summary>
    /// <param name="model">A model that was compiled with <c>--gpu</c>.</param>
    /// <param name="device">The device, from 0 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">The device is negative.</exception>
    /// <exception cref="ObjectDisposedException">The model has been disposed.</exception>
    /// <exception cref="EdgeSparseException">
    /// There is no driver, or it is too old; there is no such device, or it has too little memory; the blob has no code for it, or none of
    /// use. The message is one line that says which.
    /// </exception>
    public static CudaSession CreateCudaSession(this Model model, int device = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(device);
        return CreateCudaSession(model, device, () => CudaDriver.Load());
    }

    /// <summary>With any driver, for tests.</summary>
    internal static CudaSession CreateCudaSession(Model model, int device, Func<CudaDriver> driver)
    {
        // What is wrong with the blob is told also where there is no driver.
        Offload.DeviceCode code = model.CodeForDevice()
            ?? throw new EdgeSparseException("the blob has no GPU code: compile the model with --gpu, for example --gpu sm_87");
        return new CudaSession(model, code, new CudaDevice(driver(), device));
    }
}
