using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Cuda;

/// <summary>
/// The functions of libcuda.so.1, which comes with NVIDIA's driver and is looked for when it is needed: an executable runs on
/// machines without it. Names and arguments are those of NVIDIA's "CUDA Driver API".
/// </summary>
internal sealed unsafe class CudaDriver
{
    public const string Library = "libcuda.so.1";

    private readonly Func<string, nint> find;
    private readonly delegate* unmanaged<int, byte**, int> getErrorName;
    private readonly delegate* unmanaged<int, byte**, int> getErrorString;

    /// <param name="find">The address of a function, or 0.</param>
    /// <exception cref="EdgeSparseException">A function is missing that all drivers since CUDA 10 have.</exception>
    private CudaDriver(Func<string, nint> find)
    {
        this.find = find;
        Init = (delegate* unmanaged<uint, int>)Find("cuInit");
        DriverGetVersion = (delegate* unmanaged<int*, int>)Find("cuDriverGetVersion");
        DeviceGetCount = (delegate* unmanaged<int*, int>)Find("cuDeviceGetCount");
        DeviceGet = (delegate* unmanaged<int*, int, int>)Find("cuDeviceGet");
        DeviceGetName = (delegate* unmanaged<byte*, int, int, int>)Find("cuDeviceGetName");
        DeviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Find("cuDeviceGetAttribute");
        PrimaryContextRetain = (delegate* unmanaged<nint*, int, int>)Find("cuDevicePrimaryCtxRetain");
        PrimaryContextRelease = (delegate* unmanaged<int, int>)Find("cuDevicePrimaryCtxRelease_v2", "cuDevicePrimaryCtxRelease");
        ContextSetCurrent = (delegate* unmanaged<nint, int>)Find("cuCtxSetCurrent");
        MemoryGetInfo = (delegate* unmanaged<nuint*, nuint*, int>)Find("cuMemGetInfo_v2");
        MemoryAllocate = (delegate* unmanaged<ulong*, nuint, int>)Find("cuMemAlloc_v2");
        MemoryFree = (delegate* unmanaged<ulong, int>)Find("cuMemFree_v2");
        HostAllocate = (delegate* unmanaged<void**, nuint, uint, int>)Find("cuMemHostAlloc");
        HostFree = (delegate* unmanaged<void*, int>)Find("cuMemFreeHost");
        CopyToDevice = (delegate* unmanaged<ulong, void*, nuint, nint, int>)Find("cuMemcpyHtoDAsync_v2");
        CopyToHost = (delegate* unmanaged<void*, ulong, nuint, nint, int>)Find("cuMemcpyDtoHAsync_v2");
        Fill32 = (delegate* unmanaged<ulong, uint, nuint, nint, int>)Find("cuMemsetD32Async");
        ModuleLoad = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)Find("cuModuleLoadDataEx");
        ModuleUnload = (delegate* unmanaged<nint, int>)Find("cuModuleUnload");
        ModuleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Find("cuModuleGetFunction");
        LaunchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Find("cuLaunchKernel");
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)Find("cuStreamCreate");
        StreamSynchronize = (delegate* unmanaged<nint, int>)Find("cuStreamSynchronize");
        StreamDestroy = (delegate* unmanaged<nint, int>)Find("cuStreamDestroy_v2");
        EventCreate = (delegate* unmanaged<nint*, uint, int>)Find("cuEventCreate");
        EventRecord = (delegate* unmanaged<nint, nint, int>)Find("cuEventRecord");
        EventSynchronize = (delegate* unmanaged<nint, int>)Find("cuEventSynchronize");
        EventElapsedTime = (delegate* unmanaged<float*, nint, nint, int>)Find("cuEventElapsedTime");
        EventDestroy = (delegate* unmanaged<nint, int>)Find("cuEventDestroy_v2");
        getErrorName = (delegate* unmanaged<int, byte**, int>)Find("cuGetErrorName");
        getErrorString = (delegate* unmanaged<int, byte**, int>)Find("cuGetErrorString");

        // Since CUDA 10.1; the last one has other arguments before 11.4, where a graph is done without.
        StreamBeginCapture = (delegate* unmanaged<nint, int, int>)FindOrNull("cuStreamBeginCapture_v2");
        StreamEndCapture = (delegate* unmanaged<nint, nint*, int>)FindOrNull("cuStreamEndCapture");
        GraphInstantiate = (delegate* unmanaged<nint*, nint, ulong, int>)FindOrNull("cuGraphInstantiateWithFlags");
        GraphLaunch = (delegate* unmanaged<nint, nint, int>)FindOrNull("cuGraphLaunch");
        GraphDestroy = (delegate* unmanaged<nint, int>)FindOrNull("cuGraphDestroy");
        GraphExecDestroy = (delegate* unmanaged<nint, int>)FindOrNull("cuGraphExecDestroy");
    }

    public delegate* unmanaged<uint, int> Init { get; }

    public delegate* unmanaged<int*, int> DriverGetVersion { get; }

    public delegate* unmanaged<int*, int> DeviceGetCount { get; }

    public delegate* unmanaged<int*, int, int> DeviceGet { get; }

    public delegate* unmanaged<byte*, int, int, int> DeviceGetName { get; }

    public delegate* unmanaged<int*, int, int, int> DeviceGetAttribute { get; }

    public delegate* unmanaged<nint*, int, int> PrimaryContextRetain { get; }

    public delegate* unmanaged<int, int> PrimaryContextRelease { get; }

    public delegate* unmanaged<nint, int> ContextSetCurrent { get; }

    public delegate* unmanaged<nuint*, nuint*, int> MemoryGetInfo { get; }

    public delegate* unmanaged<ulong*, nuint, int> MemoryAllocate { get; }

    public delegate* unmanaged<ulong, int> MemoryFree { get; }

    public delegate* unmanaged<void**, nuint, uint, int> HostAllocate { get; }

    public delegate* unmanaged<void*, int> HostFree { get; }

    public delegate* unmanaged<ulong, void*, nuint, nint, int> CopyToDevice { get; }

    public delegate* unmanaged<void*, ulong, nuint, nint, int> CopyToHost { get; }

    public delegate* unmanaged<ulong, uint, nuint, nint, int> Fill32 { get; }

    public delegate* unmanaged<nint*, void*, uint, int*, void**, int> ModuleLoad { get; }

    public delegate* unmanaged<nint, int> ModuleUnload { get; }

    public delegate* unmanaged<nint*, nint, byte*, int> ModuleGetFunction { get; }

    public delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> LaunchKernel { get; }

    public delegate* unmanaged<nint*, uint, int> StreamCreate { get; }

    public delegate* unmanaged<nint, int> StreamSynchronize { get; }

    public delegate* unmanaged<nint, int> StreamDestroy { get; }

    public delegate* unmanaged<nint*, uint, int> EventCreate { get; }

    public delegate* unmanaged<nint, nint, int> EventRecord { get; }

    public delegate* unmanaged<nint, int> EventSynchronize { get; }

    /// <summary>Milliseconds.</summary>
    public delegate* unmanaged<float*, nint, nint, int> EventElapsedTime { get; }

    public delegate* unmanaged<nint, int> EventDestroy { get; }

    public delegate* unmanaged<nint, int, int> StreamBeginCapture { get; }

    public delegate* unmanaged<nint, nint*, int> StreamEndCapture { get; }

    public delegate* unmanaged<nint*, nint, ulong, int> GraphInstantiate { get; }

    public delegate* unmanaged<nint, nint, int> GraphLaunch { get; }

    public delegate* unmanaged<nint, int> GraphDestroy { get; }

    public delegate* unmanaged<nint, int> GraphExecDestroy { get; }

    /// <summary>Whether the driver can capture launches as a graph.</summary>
    public bool HasGraphs => StreamBeginCapture != null && StreamEndCapture != null && GraphInstantiate != null && GraphLaunch != null
        && GraphDestroy != null && GraphExecDestroy != null;

    /// <summary>Loads and initialises the driver.</summary>
    /// <param name="name">The library's name or path.</param>
    /// <exception cref="EdgeSparseException">There is none, it is damaged or very old, or there is no device.</exception>
    public static CudaDriver Load(string name = Library)
    {
        if (!NativeLibrary.TryLoad(name, out nint library))
        {
            throw new EdgeSparseException("this machine has no CUDA driver: " + name + " cannot be loaded");
        }

        return Start(function => NativeLibrary.TryGetExport(library, function, out nint address) ? address : 0);
    }

    /// <summary>Initialises a driver.</summary>
    /// <param name="find">The address of a function, or 0.</param>
    /// <exception cref="EdgeSparseException">As for <see cref="Load"/>.</exception>
    public static CudaDriver Start(Func<string, nint> find)
    {
        var driver = new CudaDriver(find);
        int result = driver.Init(0);
        if ((CudaResult)result == CudaResult.NoDevice)
        {
            throw new EdgeSparseException("this machine has no CUDA device");
        }

        driver.Require(result, "starting the driver");
        return driver;
    }

    /// <summary>Throws unless a result is a success.</summary>
    /// <exception cref="CudaException">One line of what failed and what the driver calls it.</exception>
    public void Require(int result, string what)
    {
        if (result != (int)CudaResult.Success)
        {
            throw Failed(result, what);
        }
    }

    public CudaException Failed(int result, string what) =>
        new("the GPU failed at " + what + ": " + Text(getErrorName, result) + " (" + Text(getErrorString, result) + ")");

    private static string Text(delegate* unmanaged<int, byte**, int> get, int result)
    {
        byte* text = null;
        return get(result, &text) == 0 && text != null ? Marshal.PtrToStringUTF8((nint)text)! : "error " + result;
    }

    private nint Find(string name, string? olderName = null)
    {
        nint found = FindOrNull(name);
        found = found == 0 && olderName is not null ? FindOrNull(olderName) : found;
        return found != 0 ? found : throw new EdgeSparseException("the CUDA driver is too old: it has no " + name);
    }

    private nint FindOrNull(string name) => find(name);
}
