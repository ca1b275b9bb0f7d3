namespace PiClassifier;

/// <summary>A picture, of a file or of a camera.</summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">1 (grey) or 3 (red, green, blue).</param>
/// <param name="Pixels">Height × Width × Channels bytes, row after row, channels together.</param>
internal sealed record Picture(int Width, int Height, int Channels, byte[] Pixels);
