namespace EdgeSparse.Compiler.Data.Pictures;

/// <summary>A rectangle of a picture, in pixels from the upper left corner; it lies within the picture.</summary>
public readonly record struct PicturePart(int Left, int Top, int Width, int Height);
