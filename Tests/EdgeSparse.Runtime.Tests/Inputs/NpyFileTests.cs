using System.Text;
using EdgeSparse.Runtime.Inputs;

namespace EdgeSparse.Runtime.Tests.Inputs;

public sealed class NpyFileTests
{
    [Theory]
    [InlineData("<f4", new byte[] { 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0 }, 1.5f, -2f)]
    [InlineData(">f4", new byte[] { 0x3F, 0xC0, 0, 0, 0xC0, 0, 0, 0 }, 1.5f, -2f)]
    [InlineData("<f8", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0 }, 1.5f, -2f)]
    [InlineData(">f8", new byte[] { 0x3F, 0xF8, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0 }, 1.5f, -2f)]
    [InlineData("<f2", new byte[] { 0x00, 0x3E, 0x00, 0xC0 }, 1.5f, -2f)]
    [InlineData(">f2", new byte[] { 0x3E, 0x00, 0xC0, 0x00 }, 1.5f, -2f)]
    [InlineData("|u1", new byte[] { 200, 3 }, 200f, 3f)]
    [InlineData("|i1", new byte[] { 200, 3 }, -56f, 3f)]
    [InlineData("|b1", new byte[] { 1, 0 }, 1f, 0f)]
    [InlineData("<i2", new byte[] { 0, 1, 0xFF, 0xFF }, 256f, -1f)]
    [InlineData(">i2", new byte[] { 0, 1, 0xFF, 0xFE }, 1f, -2f)]
    [InlineData("<i4", new byte[] { 1, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF }, 65537f, -1f)]
    [InlineData("<i8", new byte[] { 5, 0, 0, 0, 0, 0, 0, 0, 0xFE, 255, 255, 255, 255, 255, 255, 255 }, 5f, -2f)]
    public void Each_element_type_and_byte_order_is_read(string descriptor, byte[] data, float first, float second)
    {
        foreach (byte version in (byte[])[1, 2, 3])
        {
            NpyArray array = Read(File($"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': (2,), }}", data, version));
            Assert.Equal([2], array.Shape);
            Assert.Equal([first, second], array.ToFloats());
        }
    }

    [Theory]
    [InlineData("(2, 3)", new[] { 2, 3 })]
    [InlineData("(6,)", new[] { 6 })]
    [InlineData("( 1,2 ,3, )", new[] { 1, 2, 3 })]
    public void A_shape_is_read_as_Python_writes_it(string shape, int[] expected) =>
        Assert.Equal(expected, Read(File($"{{\"shape\": {shape}, 'fortran_order':False,'descr':'|u1'}}   \n", new byte[6])).Shape);

    [Fact]
    public void A_single_number_has_no_dimensions()
    {
        NpyArray number = Read(File("{'descr': '|u1', 'fortran_order': False, 'shape': ()}", [9]));
        Assert.Empty(number.Shape);
        Assert.Equal([9f], number.ToFloats());
    }

    [Fact]
    public void What_is_written_begins_as_NumPy_does_and_reads_back()
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, [1f, -0.5f, float.MaxValue, 0f, 3f, float.Epsilon], 2, 3);
        byte[] bytes = stream.ToArray();
        Assert.Equal("\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", Encoding.Latin1.GetString(bytes, 0, 69));
        Assert.Equal((byte)'\n', bytes[127]);
        Assert.Equal(128 + 24, bytes.Length);
        NpyArray array = Read(bytes);
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1f, -0.5f, float.MaxValue, 0f, 3f, float.Epsilon], array.ToFloats());
    }

    [Fact]
    public void A_vector_is_written_with_the_comma_of_a_tuple()
    {
        using MemoryStream stream = new();
        NpyFile.Write(stream, [1f, 2f], 2);
        Assert.Equal([2], Read(stream.ToArray()).Shape);
        Assert.Contains("(2,)", Encoding.Latin1.GetString(stream.ToArray()));
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1)}", "Fortran order")]
    [InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "element type '<c8'")]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}", "element type '|f4'")]
    [InlineData("{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}", "element type '=f4'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}", "arrays of records are not read")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}", "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", "it needs 'descr'")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "'descr' is unknown or twice")]
    [InlineData("{'colour': 'red', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", "'colour' is unknown")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} garbage", "nothing after them")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", "whole numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2", "')' is missing")]
    [InlineData("{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}", "'}' is missing")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2)}", "empty")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647)}", "over")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}", "whole numbers")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "truncated")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}", "more bytes")]
    [InlineData("", "'{' is missing")]
    public void A_header_that_is_not_exactly_right_is_refused(string header, string expected)
    {
        byte[] file = File(header, new byte[8]);
        Assert.Contains(expected, Assert.Throws<InputFormatException>(() => Read(file)).Message);
    }

    [Fact]
    public void A_later_format_version_and_a_huge_header_are_refused()
    {
        byte[] later = File("{}", [], version: 1);
        later[6] = 4;
        Assert.Contains("format version 4", Assert.Throws<InputFormatException>(() => Read(later)).Message);
        byte[] huge = [0x93, .. "NUMPY"u8, 2, 0, 0, 0, 0, 0x7F];
        Assert.Contains("at most 65536", Assert.Throws<InputFormatException>(() => Read(huge)).Message);
    }

    [Fact]
    public void Every_cut_is_refused()
    {
        byte[] whole = File("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", new byte[8]);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            Assert.Contains("test.npy: truncated", Assert.Throws<InputFormatException>(() => Read(cut)).Message);
        }
    }

    internal static byte[] File(string header, byte[] data, byte version = 1)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? [(byte)text.Length, (byte)(text.Length >> 8)] : [(byte)text.Length, (byte)(text.Length >> 8), 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    private static NpyArray Read(byte[] bytes)
    {
        using MemoryStream stream = new(bytes);
        return NpyFile.Read(stream, "test.npy");
    }
}
