namespace EdgeSparse.Runtime.Cuda;

/// <summary>The results of the driver that are told in words of our own; see CUresult in NVIDIA's "CUDA Driver API".</summary>
internal enum CudaResult
{
    Success = 0,
    OutOfMemory = 2,
    NoDevice = 100,
    InvalidPtx = 218,
    NoBinaryForGpu = 209,
    UnsupportedPtxVersion = 222,
}
