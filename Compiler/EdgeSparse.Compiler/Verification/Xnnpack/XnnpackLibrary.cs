using System.Runtime.InteropServices;

namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>Whether Debian's libxnnpack0 is there, and its once-only initialisation.</summary>
public static unsafe class XnnpackLibrary
{
    // Of the version that the declarations are of, and gone or not yet there in others.
    private static readonly string[] Expected = ["xnn_create_runtime_v2", "xnn_create_convolution2d_nchw_f32", "xnn_define_convert"];
    private static readonly string[] Later = ["xnn_create_runtime_v3", "xnn_create_runtime_v4", "xnn_reshape_convolution2d_nhwc_f32", "xnn_create_weights_cache"];

    private static readonly Lazy<string?> Absence = new(FindOut);

    /// <summary>Null when XNNPACK can be used; else one line that says why not and what to do.</summary>
    public static string? WhyUnavailable => Absence.Value;

    /// <exception cref="PeerUnavailableException">XNNPACK cannot be used; see <see cref="WhyUnavailable"/>.</exception>
    internal static void Require()
    {
        if (WhyUnavailable is { } reason)
        {
            throw new PeerUnavailableException(reason);
        }
    }

    /// <exception cref="PeerUnavailableException">The status is not success; the message begins with what was tried.</exception>
    internal static void Check(XnnStatus status, string what)
    {
        if (status != XnnStatus.Success)
        {
            throw new PeerUnavailableException($"XNNPACK refuses {what}: {Words(status)}");
        }
    }

    /// <summary>Why a library is not the one that the declarations are of, or null when it is.</summary>
    /// <param name="library">File name of XNNPACK.</param>
    /// <param name="pool">File name of its thread pool.</param>
    internal static string? WhyUnusable(string library, string pool)
    {
        if (!OperatingSystem.IsLinux() || !Environment.Is64BitProcess)
        {
            return "XNNPACK is used on 64-bit Linux alone";
        }

        foreach (string file in (ReadOnlySpan<string>)[library, pool])
        {
            if (!NativeLibrary.TryLoad(file, out _))
            {
                return $"{file} is not installed (Debian 12: apt install libxnnpack0)";
            }
        }

        nint handle = NativeLibrary.Load(library);
        return Expected.All(n => NativeLibrary.TryGetExport(handle, n, out _)) && !Later.Any(n => NativeLibrary.TryGetExport(handle, n, out _))
            ? null
            : $"{library} is of another version than that of Debian 12's libxnnpack0 (2022-02-16), whose interface is known";
    }

    private static string? FindOut()
    {
        if (WhyUnusable(XnnpackNative.Library, XnnpackNative.PoolLibrary) is { } reason)
        {
            return reason;
        }

        // The library copies the structure.
        var allocator = XnnAllocator.Counting();
        XnnStatus status = XnnpackNative.Initialize(&allocator);
        return status == XnnStatus.Success ? null : $"XNNPACK does not start: {Words(status)}";
    }

    private static string Words(XnnStatus status) => status switch
    {
        XnnStatus.Uninitialized => "it is not initialised",
        XnnStatus.InvalidParameter => "invalid parameter",
        XnnStatus.InvalidState => "invalid state",
        XnnStatus.UnsupportedParameter => "unsupported parameter",
        XnnStatus.UnsupportedHardware => "unsupported hardware",
        XnnStatus.OutOfMemory => "out of memory",
        _ => $"status {(int)status}",
    };
}
