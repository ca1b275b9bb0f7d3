namespace EdgeSparse.PtxEmulator.Modules;

/// <summary>The types of registers and variables.</summary>
internal static class PtxTypes
{
    /// <summary>Null for what is none.</summary>
    public static int? BytesOf(string type) => type switch
    {
        ".b8" or ".u8" or ".s8" => 1,
        ".b16" or ".u16" or ".s16" => 2,
        ".b32" or ".u32" or ".s32" or ".f32" => 4,
        ".b64" or ".u64" or ".s64" or ".f64" => 8,
        _ => null,
    };
}
