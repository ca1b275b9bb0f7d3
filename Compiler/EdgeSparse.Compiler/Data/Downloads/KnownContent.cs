using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>
/// The digests that the files of a named set may have. A file as long as an official one with other bytes is damaged; one of
/// another length is somebody's own selection and is taken as it is, as is any file of a set that is opened by its path.
/// </summary>
internal sealed class KnownContent
{
    // CIFAR-10 in another order than the official one: the images sorted by the SHA-256 of their original names.
    private static readonly ImmutableArray<string> ShuffledCifar10 =
    [
        "344ee8320d13e0cf852248dcff503d153f66d5eb7b0c60cf92f35325c7781145",
        "c2af55916dbb7696d8d9a271961238ebd1e41956fde2b6845076d7dd5c9ed08f",
        "8ff334834722e5dec178f83e8513609a477642cc4b1325a01b05fe3b0d5058af",
        "24050d208fc598854687e2748d053779b2fd5bd2a7fca95a310ee79c56bdbaf1",
        "026a646c023a4cb2696bbcd4c98d0242de9ff7f4e76e8cad690b3d6afc47ca71",
        "f9fa2a019288b9df704fa87d9252717e32ea698ed9179602281dc32cc89f08c4",
    ];

    private readonly HashSet<long> lengths;
    private readonly HashSet<string> digests;

    private KnownContent(IEnumerable<DatasetFile> files, IEnumerable<string> more)
    {
        lengths = [.. files.Select(file => file.Bytes)];
        digests = [.. files.Select(file => file.Sha256), .. more];
    }

    /// <summary>Knows nothing, so refuses nothing.</summary>
    public static KnownContent Anything { get; } = new([], []);

    public static KnownContent Of(DatasetEntry entry) => new(
        entry.Sources.SelectMany(source => source.Files), entry.Name == "cifar-10" ? ShuffledCifar10 : []);

    /// <summary>Checks a file's content, given in pieces that follow each other.</summary>
    /// <exception cref="DataException">Its length is that of an official file and its SHA-256 is none of theirs.</exception>
    public void Check(string path, params ReadOnlySpan<byte[]> content)
    {
        long length = 0;
        foreach (byte[] piece in content)
        {
            length += piece.Length;
        }

        if (!lengths.Contains(length))
        {
            return;
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] piece in content)
        {
            hash.AppendData(piece);
        }

        string digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (!digests.Contains(digest))
        {
            throw new DataException(
                $"{path}: damaged: the SHA-256 of its content is {digest}, not the official one; delete it and get it again, or name its folder to use it as it is");
        }
    }
}
