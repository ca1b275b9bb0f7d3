namespace EdgeSparse.PtxEmulator.Driver;

/// <summary>Results of the driver, by NVIDIA's "CUDA Driver API", CUresult.</summary>
internal static class CudaError
{
    public const int Success = 0;
    public const int InvalidValue = 1;
    public const int OutOfMemory = 2;
    public const int NoBinaryForGpu = 209;
    public const int InvalidPtx = 218;
    public const int UnsupportedPtxVersion = 222;
    public const int InvalidHandle = 400;
    public const int NotFound = 500;
    public const int NotReady = 600;
    public const int IllegalAddress = 700;
    public const int LaunchOutOfResources = 701;
    public const int LaunchFailed = 719;
    public const int NotSupported = 801;

    private static readonly Dictionary<int, (byte[] Name, byte[] Text)> Texts = new()
    {
        [InvalidValue] = Pinned("CUDA_ERROR_INVALID_VALUE"u8, "invalid argument"u8),
        [OutOfMemory] = Pinned("CUDA_ERROR_OUT_OF_MEMORY"u8, "out of memory"u8),
        [InvalidPtx] = Pinned("CUDA_ERROR_INVALID_PTX"u8, "a PTX JIT compilation failed"u8),
        [IllegalAddress] = Pinned("CUDA_ERROR_ILLEGAL_ADDRESS"u8, "an illegal memory access was encountered"u8),
        [LaunchOutOfResources] = Pinned("CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"u8, "too many resources requested for launch"u8),
        [LaunchFailed] = Pinned("CUDA_ERROR_LAUNCH_FAILED"u8, "unspecified launch failure"u8),
    };

    /// <summary>Name and text, each with a zero at its end; empty where this driver doesn't know the error.</summary>
    public static (byte[] Name, byte[] Text) TextOf(int error) => Texts.GetValueOrDefault(error, ([], []));

    private static (byte[] Name, byte[] Text) Pinned(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text) => (Pinned(name), Pinned(text));

    /// <summary>Text that stays where it is.</summary>
    private static byte[] Pinned(ReadOnlySpan<byte> text)
    {
        byte[] bytes = GC.AllocateArray<byte>(text.Length + 1, pinned: true);
        text.CopyTo(bytes);
        return bytes;
    }
}
