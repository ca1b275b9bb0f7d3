using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>
/// The C interface of XNNPACK as of 2022-02-16 (Debian's libxnnpack0), as far as it is used; later versions have other
/// parameters. Call <see cref="XnnpackLibrary.Require"/> first.
/// </summary>
internal static unsafe partial class XnnpackNative
{
    public const string Library = "libXNNPACK.so.0";
    public const string PoolLibrary = "libpthreadpool.so.0";

    public const uint SparseInference = 1;
    public const uint FlattenTo2D = 4;
    public const uint ExternalInput = 1;
    public const uint ExternalOutput = 2;
    public const uint InvalidValue = uint.MaxValue;
    public const int Float32 = 1;

    /// <summary>Bytes beyond the end of any array that XNNPACK may read.</summary>
    public const int ExtraBytes = 16;

    [LibraryImport(Library, EntryPoint = "xnn_initialize")]
    public static partial XnnStatus Initialize(XnnAllocator* allocator);

    [LibraryImport(Library, EntryPoint = "xnn_create_subgraph")]
    public static partial XnnStatus CreateSubgraph(uint externalValues, uint flags, out nint subgraph);

    [LibraryImport(Library, EntryPoint = "xnn_delete_subgraph")]
    public static partial XnnStatus DeleteSubgraph(nint subgraph);

    [LibraryImport(Library, EntryPoint = "xnn_define_tensor_value")]
    public static partial XnnStatus DefineTensor(
        nint subgraph, int dataType, nuint rank, nuint* dimensions, void* data, uint externalId, uint flags, out uint id);

    [LibraryImport(Library, EntryPoint = "xnn_define_convolution_2d")]
    public static partial XnnStatus DefineConvolution(
        nint subgraph, uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        uint dilationY, uint dilationX, uint groups, nuint groupInputs, nuint groupOutputs, float min, float max,
        uint input, uint filter, uint bias, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_depthwise_convolution_2d")]
    public static partial XnnStatus DefineDepthwise(
        nint subgraph, uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        uint dilationY, uint dilationX, uint multiplier, nuint inputs, float min, float max,
        uint input, uint filter, uint bias, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_fully_connected")]
    public static partial XnnStatus DefineFullyConnected(
        nint subgraph, float min, float max, uint input, uint filter, uint bias, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_max_pooling_2d")]
    public static partial XnnStatus DefineMaxPooling(
        nint subgraph, uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        uint dilationY, uint dilationX, float min, float max, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_average_pooling_2d")]
    public static partial XnnStatus DefineAveragePooling(
        nint subgraph, uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        float min, float max, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_global_average_pooling_2d")]
    public static partial XnnStatus DefineGlobalAveragePooling(nint subgraph, float min, float max, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_add2")]
    public static partial XnnStatus DefineAdd(nint subgraph, float min, float max, uint left, uint right, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_clamp")]
    public static partial XnnStatus DefineClamp(nint subgraph, float min, float max, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_leaky_relu")]
    public static partial XnnStatus DefineLeakyRelu(nint subgraph, float slope, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_hardswish")]
    public static partial XnnStatus DefineHardSwish(nint subgraph, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_sigmoid")]
    public static partial XnnStatus DefineSigmoid(nint subgraph, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_define_softmax")]
    public static partial XnnStatus DefineSoftmax(nint subgraph, uint input, uint output, uint flags);

    [LibraryImport(Library, EntryPoint = "xnn_create_runtime_v2")]
    public static partial XnnStatus CreateRuntime(nint subgraph, nint pool, uint flags, out nint runtime);

    [LibraryImport(Library, EntryPoint = "xnn_setup_runtime")]
    public static partial XnnStatus SetUpRuntime(nint runtime, nuint count, XnnExternalValue* values);

    [LibraryImport(Library, EntryPoint = "xnn_invoke_runtime")]
    public static partial XnnStatus Invoke(nint runtime);

    [LibraryImport(Library, EntryPoint = "xnn_delete_runtime")]
    public static partial XnnStatus DeleteRuntime(nint runtime);

    [LibraryImport(Library, EntryPoint = "xnn_create_convolution2d_nchw_f32")]
    public static partial XnnStatus CreateConvolutionNchw(
        uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        uint dilationY, uint dilationX, uint groups, nuint groupInputs, nuint groupOutputs, nuint inputChannels, nuint outputChannels,
        float* kernel, float* bias, float min, float max, uint flags, out nint convolution);

    [LibraryImport(Library, EntryPoint = "xnn_setup_convolution2d_nchw_f32")]
    public static partial XnnStatus SetUpConvolutionNchw(
        nint convolution, nuint batch, nuint inputRows, nuint inputColumns, float* input, float* output, nint pool);

    [LibraryImport(Library, EntryPoint = "xnn_create_convolution2d_nhwc_f32")]
    public static partial XnnStatus CreateConvolutionNhwc(
        uint padTop, uint padRight, uint padBottom, uint padLeft, uint kernelY, uint kernelX, uint strideY, uint strideX,
        uint dilationY, uint dilationX, uint groups, nuint groupInputs, nuint groupOutputs, nuint inputChannels, nuint outputChannels,
        float* kernel, float* bias, float min, float max, uint flags, out nint convolution);

    [LibraryImport(Library, EntryPoint = "xnn_setup_convolution2d_nhwc_f32")]
    public static partial XnnStatus SetUpConvolutionNhwc(
        nint convolution, nuint batch, nuint inputRows, nuint inputColumns, float* input, float* output, nint pool);

    [LibraryImport(Library, EntryPoint = "xnn_run_operator")]
    public static partial XnnStatus RunOperator(nint convolution, nint pool);

    [LibraryImport(Library, EntryPoint = "xnn_delete_operator")]
    public static partial XnnStatus DeleteOperator(nint convolution);

    [LibraryImport(PoolLibrary, EntryPoint = "pthreadpool_create")]
    public static partial nint CreatePool(nuint threads);

    [LibraryImport(PoolLibrary, EntryPoint = "pthreadpool_destroy")]
    public static partial void DestroyPool(nint pool);
}

/// <summary>A tensor of the caller's: <c>struct xnn_external_value</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct XnnExternalValue
{
    public uint Id;
    public float* Data;
}
