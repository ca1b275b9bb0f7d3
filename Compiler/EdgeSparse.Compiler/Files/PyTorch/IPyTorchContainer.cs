namespace EdgeSparse.Compiler.Files.PyTorch;

/// <summary>One of the two ways that a file holds a pickle and the storages that it names.</summary>
internal interface IPyTorchContainer : IDisposable
{
    /// <summary>What the pickle says.</summary>
    object? Root { get; }

    /// <summary>The bytes of a storage.</summary>
    /// <exception cref="PyTorchFileException">They are not there, or damaged.</exception>
    byte[] Read(TorchStorage storage);
}
