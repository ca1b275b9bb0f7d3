using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Inputs;

namespace PiClassifier;

/// <summary>The .png files of a folder in the order of their names, and then those that come.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="once">Ends after those that are there.</param>
internal sealed class PictureFolder(string folder, bool once)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    /// <summary>Paths of files; a file that is written anew comes again.</summary>
    /// <exception cref="EdgeSparseException">The folder is not there, or was taken away.</exception>
    public IEnumerable<string> Files(CancellationToken stop)
    {
        Dictionary<string, (DateTime Written, long Bytes)> taken = [];
        Dictionary<string, (DateTime Written, long Bytes)> before = [];
        do
        {
            Dictionary<string, (DateTime Written, long Bytes)> now = Look();
            foreach ((string file, (DateTime Written, long Bytes) state) in now.OrderBy(f => f.Key, StringComparer.Ordinal))
            {
                // A file that is still growing waits until two looks see the same.
                bool whole = once || (before.TryGetValue(file, out (DateTime, long) last) && last == state);
                if (whole && !(taken.TryGetValue(file, out (DateTime, long) done) && done == state) && !stop.IsCancellationRequested)
                {
                    taken[file] = state;
                    yield return file;
                }
            }

            before = now;
        }
        while (!once && !stop.WaitHandle.WaitOne(LookAgain));
    }

    /// <exception cref="InputFormatException">The file is no picture.</exception>
    public static Picture Read(string file)
    {
        PngImage image = PngFile.Read(file);
        return new Picture(image.Width, image.Height, image.Channels, image.Pixels);
    }

    private Dictionary<string, (DateTime Written, long Bytes)> Look()
    {
        try
        {
            return new DirectoryInfo(folder).GetFiles("*.png").ToDictionary(f => f.FullName, f => (f.LastWriteTimeUtc, f.Length));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot look into the folder '{folder}': {error.Message}", error);
        }
    }
}
