namespace EdgeSparse.Runtime.Inputs;

/// <summary>A decoded picture.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Pixels">Height × Width × Channels bytes, row after row, channels together.</param>
public sealed record PngImage(int Width, int Height, int Channels, byte[] Pixels);
