namespace EdgeSparse.Runtime;

/// <summary>
/// What the elements of a tensor are to the network. Sessions hold all of them as fp32: integers are exact up to 2²⁴, and true is 1.
/// </summary>
public enum ElementType : uint
{
    Float32 = 0,
    Float16 = 1,
    Float64 = 2,
    Int64 = 3,
    Int32 = 4,
    Int16 = 5,
    Int8 = 6,
    UInt64 = 7,
    UInt32 = 8,
    UInt16 = 9,
    UInt8 = 10,
    Bool = 11,
}
