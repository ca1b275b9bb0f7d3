using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Tests.Packing;

/// <summary>docs/format.md says of every record's fields what the structs are.</summary>
public sealed partial class FormatDocumentTests
{
    [Theory]
    [InlineData("### Header, 64 bytes", typeof(BlobHeader), 64)]
    [InlineData("### Section entry, 32 bytes", typeof(SectionEntry), 32)]
    [InlineData("## Values: activations, 128 bytes each", typeof(ValueRecord), 128)]
    [InlineData("## Weights, 192 bytes each", typeof(WeightRecord), 192)]
    [InlineData("## Operations, 128 bytes each", typeof(OperationRecord), 128)]
    [InlineData("## Bindings, 96 bytes each", typeof(BindingRecord), 96)]
    [InlineData("### Self-test record, 32 bytes", typeof(SelfTestRecord), 32)]
    [InlineData("### Device code header, 64 bytes", typeof(DeviceCodeHeader), 64)]
    [InlineData("### Device code module, 64 bytes", typeof(DeviceModuleRecord), 64)]
    public void Every_field_stands_at_its_offset_with_its_type(string heading, Type record, int size)
    {
        Assert.Equal(size, Marshal.SizeOf(record));
        List<string> documented = [];
        foreach (Match row in FieldRow().Matches(Section(heading)))
        {
            string field = row.Groups["field"].Value;
            documented.Add(field);
            Assert.Equal((field, int.Parse(row.Groups["offset"].Value)), (field, (int)Marshal.OffsetOf(record, field)));
            Type type = record.GetField(field)!.FieldType;
            Assert.Equal((field, row.Groups["type"].Value), (field, Documented(type.IsEnum ? Enum.GetUnderlyingType(type) : type)));
        }

        // No bytes without a name.
        Assert.Equal(size, record.GetFields().Sum(f => Marshal.SizeOf(f.FieldType.IsEnum ? Enum.GetUnderlyingType(f.FieldType) : f.FieldType)));

        // The document names the first of several reserved fields in a row.
        Assert.Equal(
            record.GetFields().Select(f => f.Name).Where(n => !n.StartsWith("Reserved", StringComparison.Ordinal)),
            documented.Where(n => !n.StartsWith("Reserved", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_enumerated_value_stands_with_its_number()
    {
        string document = File.ReadAllText(DocumentPath);
        AssertListed<SectionKind>("1 Strings, 2 Values, 3 Weights, 4 Operations, 5 Bindings, 6 Data, 7 Metadata, 8 SelfTest, 9 DeviceCode");
        AssertListed<WeightFormat>("1 Dense, 2 Csr16, 3 Csr32, 4 SlicedEll, 5 CsrDelta8, 6 Bsr16, 7 Bsr32, 8 NofM, 9 Depthwise, 10 Csc16");
        AssertListed<SelfTestInputs>("0 Numbers, 1 Pixels, 2 Generated");
        AssertListed<Frame>("0 None, 1 Zero, 2 Lowest");
        AssertListed<Activation>(
            "0 None, 1 Relu, 2 Clip, 3 LeakyRelu, 4 HardSwish, 5 Sigmoid, 6 Tanh, 7 Elu, 8 Selu, 9 HardSigmoid, 10 Softplus, 11 Gelu, "
            + "12 GeluTanh, 13 Mish, 14 Erf, 15 Exp, 16 Log, 17 Sqrt, 18 Abs, 19 Neg, 20 Reciprocal, 21 Floor, 22 Ceil, 23 Round, 24 Sign, "
            + "25 Not, 26 Truncate, 27 IsNonZero, 28 Half, 29 WrapInteger");
        AssertListed<ElementFunction>(
            "0 Add, 1 Sub, 2 Mul, 3 Div, 4 IntegerDiv, 5 Pow, 6 Min, 7 Max, 8 PRelu, 9 Fmod, 10 Mod, 11 Equal, 12 Less, 13 LessOrEqual, "
            + "14 Greater, 15 GreaterOrEqual, 16 And, 17 Or, 18 Xor");
        AssertListed<ReductionFunction>(
            "0 Sum, 1 Mean, 2 Max, 3 Min, 4 Product, 5 ArgMaxFirst, 6 ArgMaxLast, 7 ArgMinFirst, 8 ArgMinLast");
        AssertListed<ElementType>(
            "0 Float32, 1 Float16, 2 Float64, 3 Int64, 4 Int32, 5 Int16, 6 Int8, 7 UInt64, 8 UInt32, 9 UInt16, 10 UInt8, 11 Bool");
        foreach (OperationKind kind in Enum.GetValues<OperationKind>())
        {
            Assert.Contains($"| {(uint)kind} | {kind} |", document, StringComparison.Ordinal);
        }

        void AssertListed<T>(string list)
            where T : struct, Enum
        {
            Assert.Contains(list, document, StringComparison.Ordinal);
            Assert.Equal(list, string.Join(", ", Enum.GetValues<T>().Select(v => $"{Convert.ToUInt32(v)} {v}")));
        }
    }

    private static string DocumentPath => Path.Combine(Repository.Root, "docs", "format.md");

    private static string Section(string heading)
    {
        string document = File.ReadAllText(DocumentPath);
        int start = document.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"there is no heading '{heading}'");
        int end = document.IndexOf("\n#", start + heading.Length, StringComparison.Ordinal);
        return end < 0 ? document[start..] : document[start..end];
    }

    private static string Documented(Type type) => type switch
    {
        _ when type == typeof(uint) => "u32",
        _ when type == typeof(int) => "i32",
        _ when type == typeof(ulong) => "u64",
        _ when type == typeof(float) => "f32",
        _ => "i64",
    };

    [GeneratedRegex(@"^\| (?<offset>\d+) \| (?<type>[uif]\d+) \| (?<field>\w+)[ |]", RegexOptions.Multiline)]
    private static partial Regex FieldRow();
}
