using System.Runtime.InteropServices;
using System.Security.Cryptography;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Training.Torch;

/// <summary>
/// TorchSharp's Linux shim asks for libstdc++'s symbol version GLIBCXX_3.4.32 (GCC 13), which Debian 12 and Ubuntu 22.04 lack.
/// Its only symbol of that version is <c>_ZSt21ios_base_library_initv</c>, and no relocation uses it, so a copy of the shim with
/// that one need marked weak loads and runs there. The copy lives in the user's cache; the package stays as it is.
/// </summary>
internal static class TorchShim
{
    public const string MissingVersion = "GLIBCXX_3.4.32";
    private const string SymbolOfMissingVersion = "_ZSt21ios_base_library_initv";

    /// <summary>The shim to load: <paramref name="shim"/> itself where the system's libstdc++ is new enough, else the patched copy.</summary>
    /// <exception cref="TrainingException">The shim is no ELF library, or the cache folder cannot be written.</exception>
    public static string Loadable(string shim) =>
        SystemHasVersion() ? shim : PatchedCopy(shim, CacheFolder());

    /// <summary>Writes the patched copy to <c>cacheFolder/DIGEST/</c> unless it is there already, and returns its path.</summary>
    public static string PatchedCopy(string shim, string cacheFolder)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(shim);
            string digest = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];
            ElfVersionNeeds.MarkWeak(bytes, MissingVersion);
            string folder = Path.Combine(cacheFolder, digest);
            string copy = Path.Combine(folder, Path.GetFileName(shim));

            // Compared whole, so that a copy damaged since is written anew rather than loaded.
            if (!File.Exists(copy) || !File.ReadAllBytes(copy).AsSpan().SequenceEqual(bytes))
            {
                Directory.CreateDirectory(folder);
                AtomicFile.Write(copy, bytes);
            }

            return copy;
        }
        catch (InvalidDataException error)
        {
            throw new TrainingException($"'{shim}' is damaged ({error.Message}); restore the packages again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or EdgeSparseException)
        {
            throw new TrainingException(
                $"cannot put a copy of TorchSharp's library into '{cacheFolder}' ({error.Message}); set XDG_CACHE_HOME to a writable folder", error);
        }
    }

    /// <summary>$XDG_CACHE_HOME/edgesparse/native, else ~/.cache/edgesparse/native.</summary>
    private static string CacheFolder()
    {
        string? cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache) || !Path.IsPathRooted(cache))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            cache = home.Length > 0
                ? Path.Combine(home, ".cache")
                : throw new TrainingException("there is no home folder to cache TorchSharp's library in; set XDG_CACHE_HOME to a writable folder");
        }

        return Path.Combine(cache, "edgesparse", "native");
    }

    private static bool SystemHasVersion() =>
        NativeLibrary.TryLoad("libstdc++.so.6", out nint handle) && NativeLibrary.TryGetExport(handle, SymbolOfMissingVersion, out _);
}
