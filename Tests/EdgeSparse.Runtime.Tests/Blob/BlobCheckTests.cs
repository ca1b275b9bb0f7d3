using System.Runtime.InteropServices;
using EdgeSparse.Runtime.Blob;
using EdgeSparse.Runtime.Tests.Sessions;

namespace EdgeSparse.Runtime.Tests.Blob;

/// <summary>One record wrong, the digest right: the reader says which record and what about it.</summary>
public sealed class BlobCheckTests
{
    [Fact]
    public void The_small_network_itself_is_accepted()
    {
        using Model model = Model.FromBytes(SmallNetwork.Build().Build());
        Assert.Equal(15, model.Layers.Count);
    }

    [Fact]
    public void Values_are_checked()
    {
        Refuses(Spoil.Value("conv2", (ref ValueRecord v) => v.Channels = 0), "value 5 'conv2': its 0 channels");
        Refuses(Spoil.Value("conv2", (ref ValueRecord v) => v.RowStride = 3), "value 5 'conv2': its row stride 3");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.PlaneStride = 50), "value 1 'conv1': its row stride 9 or plane stride 50");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Origin = -1), "value 1 'conv1': its pixels reach");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Origin += 100), "value 1 'conv1': its pixels reach");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Elements = 1L << 33), "value 1 'conv1': it has 8589934592 elements");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ArenaOffset += 4), "value 1 'conv1': its 216 elements at the arena offset");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ArenaOffset = -64), "value 1 'conv1': its 216 elements at the arena offset -64");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ZeroBorder = 2), "value 1 'conv1': ZeroBorder is 2");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Reserved1 = 1), "value 1 'conv1': a reserved field");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.NameOffset = 1 << 20), "the section Values is wrong at record 1: its name");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.NameLength = uint.MaxValue), "the section Values is wrong at record 1: its name");
    }

    [Fact]
    public void Weights_are_checked()
    {
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Rows = 4), "weight 0 'weight': its rank 4");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Rank = 5), "weight 0 'weight': its rank 5");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Groups = 2), "weight 0 'weight': it has 3 rows, 18 columns and 2");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.NonZeros--), "weight 0 'weight': NonZeros is");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Format = (WeightFormat)9), "weight 0 'weight': its format is 9");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Format = WeightFormat.Csr32), "weight 0 'weight': Indices has");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataValues += 4), "weight 0 'weight': Values, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataIndices = ulong.MaxValue - 63), "weight 0 'weight': Indices, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataPointers = 1 << 20), "weight 0 'weight': Pointers, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.BiasBytes = 8), "weight 0 'weight': Bias has 8 bytes, but needs 12");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.RowMapBytes = 8), "weight 0 'weight': its format has no RowMap");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Lanes = 8), "weight 0 'weight': its format has no lanes");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Reserved3 = 8), "weight 0 'weight': a reserved field");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataBias = w.DataValues), "the section Data is wrong: the ranges");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Lanes = 0), "weight 4 'weight': it has 0 lanes");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Window = 300), "weight 4 'weight': it has 16 lanes, a window of 300");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Window = 8), "weight 4 'weight': Pointers has");
    }

    [Fact]
    public void Weight_data_is_checked()
    {
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 0, 1), "its first row pointer is 1");
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 1, uint.MaxValue), "row 0 reaches from 0 to 4294967295");
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 2, 0), "row 1 reaches from");
        Refuses(Word(WeightFormat.Csr32, w => w.DataIndices, 0, uint.MaxValue - 5), "operation 13 'fc4': its weight has the column 4294967290 of 7");
        Refuses(Word(WeightFormat.Csr32, w => w.DataIndices, 0, 7), "operation 13 'fc4': its weight has the column 7 of 7");
        Refuses(Word(WeightFormat.Csr16, w => w.DataIndices, 0, ushort.MaxValue), "operation 0 'conv1': its weight's index 65535");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataPointers, 0, 1), "its first entry pointer is 1");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataPointers, 1, 0x40000000), "its entry pointer 2 is smaller");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataIndices, 0, 255), "weight 5 'weight': its index 0 is 255 in a window of 9 columns");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataPointers, 1, 1), "its entries from 0 to 1 are no whole number of units of 4");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataWindows, 0, 7), "its entry 0 states the window 7, but lies in 0");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataRowMap, 0, 99), "its row map has at lane 0 the row 99");
    }

    [Fact]
    public void Steps_are_checked()
    {
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Kind = (OperationKind)11), "operation 2 'sum': its kind is 11");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Input0 = 15), "operation 2 'sum': Input0 is 15, which is none of 15");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Input1 = -1), "operation 2 'sum': Input1 is -1");
        Refuses(Spoil.Step(OperationKind.Relu, (ref OperationRecord o) => o.Input1 = 0), "operation 6 'relu': Input1 is 0, but its kind has none");
        Refuses(Spoil.Step(OperationKind.Relu, (ref OperationRecord o) => o.Weight = 0), "operation 6 'relu': Weight is 0, but its kind has none");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Output = -1), "operation 2 'sum': Output is -1");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Activation = (Activation)2), "operation 2 'sum': its activation is 2");
        Refuses(Spoil.Step(OperationKind.MaxPool, (ref OperationRecord o) => o.Activation = Activation.Relu), "operation 7 'max': its activation is 1");
        Refuses(Spoil.Step(OperationKind.Softmax, (ref OperationRecord o) => o.Axis = 0), "operation 14 'softmax': Axis 0");
        Refuses(Spoil.Step(OperationKind.MaxPool, (ref OperationRecord o) => o.CountIncludePad = 1), "operation 7 'max': Axis 0 or CountIncludePad 1");
        Refuses(Spoil.Step(OperationKind.MaxPool, (ref OperationRecord o) => o.StrideX = 0), "operation 7 'max': a kernel size, stride");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.KernelX = 1), "operation 2 'sum': a kernel size, stride");
        Refuses(Spoil.Step(OperationKind.MaxPool, (ref OperationRecord o) => o.PadTop = 2), "operation 7 'max': its output of 2x2 pixels has a window");
        Refuses(Spoil.Step(OperationKind.MaxPool, (ref OperationRecord o) => o.StrideX = 4), "operation 7 'max': its output of 2x2 pixels has a window");
        Refuses(Spoil.Step(OperationKind.SplitPhases, (ref OperationRecord o) => o.StrideY = 3), "operation 3 'phases': its output has 12 planes");
        Refuses(Spoil.Step(OperationKind.ChannelAffine, (ref OperationRecord o) => o.Weight = 0), "operation 1 'affine': its weight is not dense");
        Refuses(Spoil.Step(OperationKind.Conv2d, (ref OperationRecord o) => o.Weight = 1), "operation 0 'conv1': its dense weight has no indices");
        Refuses(Spoil.Step(OperationKind.Conv2d, (ref OperationRecord o) => o.Weight = 4), "operation 0 'conv1': a convolution's weight cannot be");
        Refuses(Spoil.Step(OperationKind.Conv2d, (ref OperationRecord o) => o.Weight = 3), "operation 0 'conv1': its weight has 4 rows for 3");
        Refuses(Spoil.Step(OperationKind.Linear, (ref OperationRecord o) => o.Weight = 5), "operation 9 'fc1': its weight of 6 x 9 does not fit");
        Refuses(Spoil.Step(OperationKind.Relayout, (ref OperationRecord o) => o.Output = 13), "operation 11 'copy': its input and output differ");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Output = 5), "operation 2 'sum': its input of 3x6x7 and its output of 4x3x4");
        Refuses(Spoil.Step(OperationKind.Add, (ref OperationRecord o) => o.Reserved3 = 5), "operation 2 'sum': a reserved field");
        Refuses(Spoil.Value("averaged", (ref ValueRecord v) => v.Origin = 8), "operation 9 'fc1': its input does not reach");
    }

    [Fact]
    public void Lifetimes_are_checked()
    {
        Refuses(
            Spoil.Step(OperationKind.Softmax, (ref OperationRecord o) => (o.Input0, o.Output) = (14, 13)),
            "operation 14 'softmax': it reads value 14, which no earlier step has written");
        Refuses(Spoil.Step(OperationKind.Softmax, (ref OperationRecord o) => o.Output = 13), "operation 14 'softmax': its output shares memory");
        Refuses(Spoil.Overlay("conv2", "phases"), "operation 4 'conv2': its output shares memory with its input 4");
        Refuses(Spoil.Overlay("affine", "conv1"), "operation 1 'affine': its output shares memory with its input 1");
        Refuses(Spoil.Overlay("hidden2", "hidden"), "operation 10 'fc2': its output shares memory with its input 9");
        Refuses(Spoil.Overlay("probabilities", "logits"), "operation 14 'softmax': its output shares memory with its input 13");
        Accepts(Spoil.Overlay("affine", "pixels"));
        Accepts(Spoil.Overlay("conv3", "pixels"));
        Accepts(Spoil.Overlay("hidden", "conv1"));
    }

    [Fact]
    public void A_value_that_was_overwritten_cannot_be_read()
    {
        BlobBuilder blob = Spoil.Overlay("sum", "pixels");
        Accepts(blob);
        blob.Operations.Insert(3, blob.Operations[0]);
        Refuses(blob, "operation 3 'conv1': it reads value 0, which no earlier step has written or a later one has overwritten");
    }

    [Fact]
    public void An_output_that_was_overwritten_is_refused()
    {
        BlobBuilder blob = SmallNetwork.Build();
        blob.Output("hidden", 9, 1, 9);
        Accepts(blob);
        blob = Spoil.Overlay("middle", "hidden");
        blob.Output("hidden", 9, 1, 9);
        Refuses(blob, "binding 2 'hidden': no step has written its value, or a later one has overwritten it");
    }

    [Fact]
    public void Inputs_do_not_share_memory()
    {
        BlobBuilder blob = SmallNetwork.Build();
        blob.Bindings.Insert(1, blob.Bindings[0] with { ScalingChannels = 0, DataMean = 0, DataStd = 0 });
        Refuses(blob, "binding 1 'pixels': its value shares memory with another input's");
    }

    [Fact]
    public void Bindings_are_checked()
    {
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Kind = (BindingKind)3), "binding 0 'pixels': its kind is 3");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Kind = BindingKind.Output), "binding 0 'pixels': it has 2 scaling channels");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.Kind = BindingKind.Input), "the section Bindings has 2 inputs and 0 outputs");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Value = 15), "binding 0 'pixels': its value 15 is none of 15");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Dim0 = 2), "binding 0 'pixels': its shape has rank 4, batch 2");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Dim3 = 0), "binding 0 'pixels': its dimension 3 is 0");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.ScalingChannels = 1 << 20), "binding 0 'pixels': it has 1048576 scaling");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.DataMean = 1 << 30), "binding 0 'pixels': Mean, 8 bytes at 1073741824");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.DataStd = 0), "the section Data is wrong: the ranges at 0 and 0 overlap");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.DataStd = 64), "binding 1 'probabilities': it has no scaling channels, but");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.Value = 11), "binding 1 'probabilities': its shape");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.Reserved4 = 1), "binding 1 'probabilities': a reserved field");
    }

    [Fact]
    public void Header_and_sections_are_checked()
    {
        Refuses(Header(12, 63), "the blob's header is wrong: HeaderBytes is 63");
        Refuses(Header(40, 1), "the blob's header is wrong: ArenaBytes is");
        Refuses(Header(48, 6), "the blob's header is wrong: SectionCount is 6");
        Refuses(Header(52, 1), "the blob's header is wrong: a reserved field");
        Refuses(Header(64, 2), "the section table is wrong at entry 0 (Strings): its kind is 2");
        Refuses(Header(68, 1), "the section table is wrong at entry 0 (Strings): a reserved field");
        Refuses(Header(72, 128), "the section table is wrong at entry 0 (Strings): it starts at 128, not at 320");
        Refuses(Header(80, 1 << 30), "the section table is wrong at entry 0 (Strings): its 1073741824 bytes reach beyond");
        Refuses(Header(96 + 16, 65), "the section table is wrong at entry 1 (Values): its 65 bytes are no whole number");
        BlobBuilder text = SmallNetwork.Build();
        text.Metadata = "a";
        byte[] blob = text.Build();
        blob[^1] = 0xFF;
        BlobBuilder.Digest(blob);
        Refuses(blob, "the section Metadata is no valid UTF-8");
    }

    [Fact]
    public void Bytes_between_sections_are_zero()
    {
        byte[] blob = SmallNetwork.Build().Build();
        ulong firstValues = MemoryMarshal.Read<ulong>(blob.AsSpan(96 + 8));
        blob[(int)firstValues - 1] = 1;
        BlobBuilder.Digest(blob);
        Refuses(blob, $"the byte at {firstValues - 1} lies between sections and is not zero");
    }

    [Fact]
    public void A_blob_that_ends_at_a_multiple_of_64_is_accepted()
    {
        BlobBuilder blob = SmallNetwork.Build();
        blob.RoundUp = true;
        byte[] bytes = blob.Build();
        Assert.Equal(0, bytes.Length % 64);
        using Model model = Model.FromBytes(bytes);
        Assert.Equal("{\"name\":\"small\"}", model.MetadataJson);
    }

    private static byte[] Header(int offset, uint value)
    {
        byte[] blob = SmallNetwork.Build().Build();
        MemoryMarshal.Write(blob.AsSpan(offset), value);
        BlobBuilder.Digest(blob);
        return blob;
    }

    /// <summary>The good blob with one 32-bit word of a weight's data replaced.</summary>
    private static byte[] Word(WeightFormat format, Func<WeightRecord, ulong> range, int index, uint value)
    {
        BlobBuilder builder = SmallNetwork.Build();
        byte[] blob = builder.Build();
        ulong data = MemoryMarshal.Read<ulong>(blob.AsSpan(64 + (5 * 32) + 8));
        WeightRecord weight = builder.Weights.FindLast(w => w.Format == format);
        MemoryMarshal.Write(blob.AsSpan((int)(data + range(weight)) + (index * sizeof(uint))), value);
        BlobBuilder.Digest(blob);
        return blob;
    }

    private static void Accepts(BlobBuilder blob) => Model.FromBytes(blob.Build()).Dispose();

    private static void Refuses(BlobBuilder blob, string message) => Refuses(blob.Build(), message);

    private static void Refuses(byte[] blob, string message)
    {
        var error = Assert.Throws<BlobFormatException>(() => Model.FromBytes(blob));
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }
}
