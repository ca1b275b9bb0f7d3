using System.Globalization;
using EdgeSparse.Compiler.Files;
using EdgeSparse.Compiler.Reporting;
using EdgeSparse.Runtime;

namespace EdgeSparse.Compiler.Pipeline;

/// <summary>
/// Where a run keeps its checkpoints, so that the same command goes on where a killed one stopped. Holds a lock against a second
/// run and the run's key, so that another recipe's checkpoints are never taken up.
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string KeyFile = "run.key";
    private const string LockFile = "lock";

    private readonly FileStream held;

    private WorkFolder(string path, FileStream held)
    {
        Path = path;
        this.held = held;
    }

    public string Path { get; }

    /// <param name="path">Made when it is not there; otherwise empty, or a work folder already.</param>
    /// <param name="key">Digest of all that determines the run's result.</param>
    /// <param name="progress">Told when work of an earlier run is taken up or thrown away.</param>
    /// <exception cref="EdgeSparseException">The folder cannot be made or written, holds other files, or is in use.</exception>
    public static WorkFolder Open(string path, string key, IProgressSink progress)
    {
        try
        {
            Directory.CreateDirectory(path);
            string keyPath = System.IO.Path.Combine(path, KeyFile);
            string lockPath = System.IO.Path.Combine(path, LockFile);
            if (!File.Exists(keyPath) && Directory.EnumerateFileSystemEntries(path).Any(f => f != lockPath))
            {
                throw new EdgeSparseException($"the folder '{path}' holds other files and is no work folder of edgesparse; name an empty or a new one with --work");
            }

            WorkFolder folder = new(path, Lock(path, lockPath));
            folder.TakeUp(keyPath, lockPath, key, progress);
            return folder;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new EdgeSparseException($"cannot work in the folder '{path}': {error.Message}", error);
        }
    }

    /// <summary>The folder of one stage's checkpoints, made when it is not there.</summary>
    /// <param name="index">Place of the stage in the recipe, from 0.</param>
    /// <param name="name">The stage's name.</param>
    public string StageFolder(int index, string name)
    {
        // A stage may be called anything; a folder may not.
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_'));
        string folder = System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{index + 1:00}-{safe}"));
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>Deletes the folder: the run is done.</summary>
    public void Remove()
    {
        held.Dispose();
        Directory.Delete(Path, recursive: true);
    }

    /// <summary>Lets go of the folder. A run that stopped before its first checkpoint leaves none behind.</summary>
    public void Dispose()
    {
        held.Dispose();
        if (Directory.Exists(Path) && Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).All(IsOwn))
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private bool IsOwn(string file) =>
        file == System.IO.Path.Combine(Path, KeyFile) || file == System.IO.Path.Combine(Path, LockFile);

    private static FileStream Lock(string path, string lockPath)
    {
        try
        {
            return new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(lockPath))
        {
            throw new EdgeSparseException($"another run works in the folder '{path}'; wait for it, or name another folder with --work", error);
        }
    }

    private void TakeUp(string keyPath, string lockPath, string key, IProgressSink progress)
    {
        if (File.Exists(keyPath))
        {
            if (File.ReadAllText(keyPath) == key)
            {
                progress.Note($"going on with the work in '{Path}'");
                return;
            }

            progress.Note($"the work in '{Path}' is another run's; starting over");
            foreach (string entry in Directory.GetFileSystemEntries(Path).Where(e => e != lockPath && e != keyPath))
            {
                if (Directory.Exists(entry))
                {
                    Directory.Delete(entry, recursive: true);
                }
                else
                {
                    File.Delete(entry);
                }
            }
        }

        AtomicFile.Write(keyPath, System.Text.Encoding.UTF8.GetBytes(key));
    }
}
