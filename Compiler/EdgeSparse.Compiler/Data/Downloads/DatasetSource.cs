using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>One thing to download: a gzipped file of a set, or an archive that holds several.</summary>
/// <param name="Url">Its official place.</param>
/// <param name="Files">What it gives, one file unless it is an archive.</param>
/// <param name="ArchiveSha256">Of a .tar.gz as published; null for a file, whose content is checked instead.</param>
public sealed record DatasetSource(string Url, ImmutableArray<DatasetFile> Files, string? ArchiveSha256 = null)
{
    /// <summary>What the download is called on the disk.</summary>
    public string FileName => Url[(Url.LastIndexOf('/') + 1)..];
}

/// <summary>A file of a set.</summary>
/// <param name="Path">Below the set's folder, without <c>.gz</c>.</param>
/// <param name="Bytes">Length of its content, gunzipped.</param>
/// <param name="Sha256">Of its content, gunzipped: gzip gives different bytes for the same content, so the file's own digest says less.</param>
public sealed record DatasetFile(string Path, long Bytes, string Sha256);
