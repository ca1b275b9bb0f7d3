namespace EdgeSparse.Compiler.Verification.Xnnpack;

/// <summary>What calls of XNNPACK return.</summary>
internal enum XnnStatus
{
    Success = 0,
    Uninitialized = 1,
    InvalidParameter = 2,
    InvalidState = 3,
    UnsupportedParameter = 4,
    UnsupportedHardware = 5,
    OutOfMemory = 6,
}
