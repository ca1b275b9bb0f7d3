namespace EdgeSparse.Runtime.Cuda;

/// <summary>What a GPU takes for a layer.</summary>
/// <param name="Layer">One of <see cref="Model.Layers"/>.</param>
/// <param name="Microseconds">By the device's own clock.</param>
public readonly record struct LayerTime(LayerInfo Layer, double Microseconds);
