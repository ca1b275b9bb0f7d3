using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;

namespace EdgeSparse.Runtime.Blob;

/// <summary>
/// The bytes of one blob at a fixed, 64-byte aligned address, shared by a model and its sessions: they live until the last
/// reference is released, whatever the order in which a model and its sessions are disposed.
/// </summary>
internal sealed unsafe class BlobMemory
{
    private readonly MemoryMappedFile? file;
    private readonly MemoryMappedViewAccessor? view;
    private readonly bool owned;
    private int references = 1;
    private int freed;

    private BlobMemory(byte* pointer, long length, bool owned)
    {
        Pointer = pointer;
        Length = length;
        this.owned = owned;
    }

    private BlobMemory(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* pointer, long length)
        : this(pointer, length, owned: false)
    {
        this.file = file;
        this.view = view;
    }

    ~BlobMemory() => Free();

    public byte* Pointer { get; }

    public long Length { get; }

    /// <summary>Maps a file for reading. The file must not be changed while the model lives.</summary>
    /// <exception cref="EdgeSparseException">The file is missing or cannot be read.</exception>
    /// <exception cref="BlobFormatException">The file is empty.</exception>
    public static BlobMemory Map(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            long length = stream.Length;
            if (length == 0)
            {
                throw new BlobFormatException("'" + path + "' is empty, no .esb blob");
            }

            var file = MemoryMappedFile.CreateFromFile(
                stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
            MemoryMappedViewAccessor view = file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            return new BlobMemory(file, view, pointer + view.PointerOffset, length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EdgeSparseException("there is no file '" + path + "'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new EdgeSparseException("cannot read '" + path + "': " + e.Message, e);
        }
    }

    /// <summary>Copies the bytes to aligned native memory.</summary>
    public static BlobMemory Copy(ReadOnlySpan<byte> blob)
    {
        byte* pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(blob.Length, 1), BlobConstants.Alignment);
        blob.CopyTo(new Span<byte>(pointer, blob.Length));
        return new BlobMemory(pointer, blob.Length, owned: true);
    }

    /// <summary>Uses memory of the caller, aligned to 64 bytes, which outlives the model and its sessions.</summary>
    public static BlobMemory Borrow(byte* pointer, long length) => new(pointer, length, owned: false);

    /// <summary>Takes one more reference; false when the last one is already gone.</summary>
    public bool TryAddReference()
    {
        int seen = Volatile.Read(ref references);
        while (seen > 0)
        {
            int before = Interlocked.CompareExchange(ref references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Gives one reference back; the last one unmaps or frees the bytes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref references) == 0)
        {
            Free();
        }
    }

    private void Free()
    {
        if (Interlocked.Exchange(ref freed, 1) != 0)
        {
            return;
        }

        if (view is not null)
        {
            view.SafeMemoryMappedViewHandle.ReleasePointer();
            view.Dispose();
            file!.Dispose();
        }
        else if (owned)
        {
            NativeMemory.AlignedFree(Pointer);
        }
    }
}
