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
        Assert.Equal(26, model.Layers.Count);
    }

    [Fact]
    public void Values_are_checked()
    {
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Channels = 0), "value 2 'conv1': its 0 channels");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Lanes = 2), "value 2 'conv1': it has 2 lanes; 1, 4, 8 and 16 are allowed");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.GridY = 2), "value 2 'conv1': its grid of 2x4 does not have its 16 lanes");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.GridY = -4), "value 2 'conv1': its grid of -4x4 does not have its 16 lanes");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.RegionX = 0), "value 2 'conv1': its region of 2x0 slots is empty");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.RegionY = 1), "value 2 'conv1': its 16 lanes of 1x2 slots do not hold its map of 6x7");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Width = 10), "value 2 'conv1': its 16 lanes of 2x2 slots do not hold its map of 6x10");
        Refuses(Spoil.Value("bsr32", (ref ValueRecord v) => v.RegionX = 2), "value 12 'bsr32': its 4 lanes of 1x2 slots do not hold its map of 3x4");
        Refuses(Spoil.Value("bsr32", (ref ValueRecord v) => (v.HaloTop, v.Frame) = (1, Frame.Zero)), "value 12 'bsr32': it is flat, but has a halo");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.HaloLeft = -1), "value 2 'conv1': a halo is negative");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Frame = (Frame)3), "value 2 'conv1': its frame is 3");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Frame = Frame.None), "value 2 'conv1': it has a halo, but no frame");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.RowStride = 176), "value 2 'conv1': its row stride 176 and channel stride 64 let its rows");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ChannelStride = 48), "value 2 'conv1': its row stride 192 and channel stride 48 let its rows");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.RowStride += 8), "value 2 'conv1': its origin 208, row stride 200 or channel stride 64 is no");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Origin = -16), "value 2 'conv1': its slots reach beyond its 768 elements");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Origin = 192), "value 2 'conv1': its slots reach beyond its 768 elements");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Origin = 224), "value 2 'conv1': its slots reach beyond its 768 elements");
        Refuses(Spoil.Value("pixels", (ref ValueRecord v) => v.RegionX = 6), "value 0 'pixels': it has 1 lane, but its grid 1x1, region 6x6");
        Refuses(Spoil.Value("pixels", (ref ValueRecord v) => v.RowStride = 8), "value 0 'pixels': its row stride 8 and channel stride 42 are not those of");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Elements = 1L << 33), "value 2 'conv1': it has 8589934592 elements");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Elements++), "value 2 'conv1': it has 769 elements");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ArenaOffset += 4), "value 2 'conv1': its 768 elements at the arena offset");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.ArenaOffset = -64), "value 2 'conv1': its 768 elements at the arena offset -64");
        Refuses(Spoil.Value("conv1", (ref ValueRecord v) => v.Reserved4 = 1), "value 2 'conv1': a reserved field");
        Refuses(Spoil.Value("blocked", (ref ValueRecord v) => v.NameOffset = 1 << 20), "the section Values is wrong at record 1: its name");
        Refuses(Spoil.Value("blocked", (ref ValueRecord v) => v.NameLength = uint.MaxValue), "the section Values is wrong at record 1: its name");
    }

    [Fact]
    public void Weights_are_checked()
    {
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Rows = 4), "weight 0 'weight': its rank 4");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Rank = 5), "weight 0 'weight': its rank 5");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Groups = 2), "weight 0 'weight': it has 3 rows, 18 columns and 2");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.NonZeros--), "weight 0 'weight': NonZeros is");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Format = (WeightFormat)11), "weight 0 'weight': its format is 11; 1 (Dense) to 10 (Csc16) are known");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => (w.Format, w.IndexUnit) = (WeightFormat.Csr32, 1)), "weight 0 'weight': Indices has");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataValues += 4), "weight 0 'weight': Values, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataIndices = ulong.MaxValue - 63), "weight 0 'weight': Indices, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataPointers = 1 << 20), "weight 0 'weight': Pointers, ");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.BiasBytes = 8), "weight 0 'weight': Bias has 8 bytes, but needs 12");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.RowMapBytes = 8), "weight 0 'weight': its format has no RowMap");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Lanes = 8), "weight 0 'weight': its format has no lanes");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.BlockRows = 4), "weight 0 'weight': its format has no blocks of 4x0");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.ColumnStride = 1), "weight 0 'weight': its column stride 1 is negative or not one");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.IndexUnit = 3), "weight 0 'weight': its index unit is 3; 1, 4, 8 and 16 are allowed");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Chunks = 0), "weight 0 'weight': it has 0 chunks; 1 to 18 are allowed");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Chunks = 2), "weight 0 'weight': Pointers has 16 bytes, but needs 28");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.Reserved1 = 8), "weight 0 'weight': a reserved field");
        Refuses(Spoil.Weight(WeightFormat.Csr16, (ref WeightRecord w) => w.DataBias = w.DataValues), "the section Data is wrong: the ranges");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Lanes = 0), "weight 9 'weight': it has 0 lanes");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Window = 300), "weight 9 'weight': it has 16 lanes, a window of 300");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.BlockColumns = 9), "weight 9 'weight': it has 16 lanes, a window of 64, units of 9");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.BlockColumns = 2), "weight 9 'weight': Values has");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.Lanes = 4), "weight 9 'weight': RowMap has 64 bytes, but needs 48");
        Refuses(Spoil.Weight(WeightFormat.SlicedEll, (ref WeightRecord w) => w.ColumnStride = 1), "weight 9 'weight': its column stride 1 is negative or not one");
    }

    [Fact]
    public void Weights_of_each_format_are_checked()
    {
        Refuses(Spoil.Weight(WeightFormat.Dense, (ref WeightRecord w) => w.BlockRows = 4), "weight 1 'scale': it has no indices, but blocks of 4 rows");
        Refuses(Spoil.Weight(WeightFormat.Dense, (ref WeightRecord w) => w.ValueBytes = 8), "weight 1 'scale': Values has 8 bytes, but needs 12");
        Refuses(Spoil.Weight(WeightFormat.Dense, (ref WeightRecord w) => w.Chunks = 2), "weight 1 'scale': it has 2 chunks; 1 to 1 are allowed");
        Refuses(Spoil.Weight(WeightFormat.Depthwise, (ref WeightRecord w) => w.IndexBytes = 32), "weight 3 'weight': Indices has 32 bytes, but needs 36");
        Refuses(Spoil.Weight(WeightFormat.Depthwise, (ref WeightRecord w) => w.ColumnStride = 0), "operation 5 'depthwise': its weight's column stride is 0");
        Refuses(Spoil.Weight(WeightFormat.CsrDelta8, (ref WeightRecord w) => w.WindowBytes = 4), "weight 4 'weight': Windows has 4 bytes, but needs 8");
        Refuses(Spoil.Weight(WeightFormat.CsrDelta8, (ref WeightRecord w) => w.IndexUnit = 8), "operation 6 'delta': its weight's index unit is 8, not 16");
        Refuses(Spoil.Weight(WeightFormat.Bsr16, (ref WeightRecord w) => w.BlockRows = 2), "weight 5 'weight': its blocks are 2x4; 1x4, 4x1, 8x1, 16x1 and 4x4");
        Refuses(Spoil.Weight(WeightFormat.Bsr16, (ref WeightRecord w) => w.BlockColumns = 1), "weight 5 'weight': Values has");
        Refuses(Spoil.Weight(WeightFormat.Bsr16, (ref WeightRecord w) => w.ColumnStride += 16), "operation 7 'bsr16': its weight's column stride is");
        Refuses(Spoil.Weight(WeightFormat.Bsr16, (ref WeightRecord w) => w.ColumnStride = -16), "weight 5 'weight': its column stride -16 is negative");
        Refuses(Spoil.Weight(WeightFormat.Csr32, (ref WeightRecord w) => w.IndexUnit = 16), "weight 6 'weight': its index unit is 16; 1 is allowed");
        Refuses(Spoil.Weight(WeightFormat.NofM, (ref WeightRecord w) => w.BlockRows = 3), "weight 7 'weight': it keeps 3 of 4 weights; 2 of 4 and 4 of 8 are");
        Refuses(Spoil.Weight(WeightFormat.NofM, (ref WeightRecord w) => w.WindowBytes -= 2), "weight 7 'weight': Windows has");
        Refuses(Spoil.Weight(WeightFormat.Bsr32, (ref WeightRecord w) => w.BlockRows = 4), "weight 8 'weight': Pointers has");
    }

    [Fact]
    public void Weight_data_is_checked()
    {
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 0, 1), "its first row pointer is 1");
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 1, uint.MaxValue), "row 0 reaches from 0 to 4294967295");
        Refuses(Word(WeightFormat.Csr32, w => w.DataPointers, 2, 0), "row 1 reaches from");
        Refuses(Word(WeightFormat.CsrDelta8, w => w.DataPointers, 7, 0), "row 1 of chunk 1 reaches from");
        Refuses(Word(WeightFormat.Csr32, w => w.DataIndices, 0, uint.MaxValue - 5), "operation 23 'fc4': its weight has the column 4294967290 of 7");
        Refuses(Word(WeightFormat.Csr32, w => w.DataIndices, 0, 7), "operation 23 'fc4': its weight has the column 7 of 7");
        Refuses(Word(WeightFormat.Csr16, w => w.DataIndices, 0, ushort.MaxValue), "operation 22 'fc3': its weight has the column 65535 of 6");
        Refuses(Word(WeightFormat.Bsr16, w => w.DataIndices, 0, ushort.MaxValue), "operation 7 'bsr16': its weight's index 65535 and a run");
        Refuses(Word(WeightFormat.Bsr32, w => w.DataIndices, 0, 1), "operation 11 'bsr32': its weight has an index that is no multiple of its input's 4");
        Refuses(Word(WeightFormat.CsrDelta8, w => w.DataWindows, 0, 1000), "operation 6 'delta': its weight's index");
        Refuses(Word(WeightFormat.NofM, w => w.DataWindows, 0, 0x0004), "its entry 0 has the places 0x0004, which are not 2 below 4");
        Refuses(Word(WeightFormat.NofM, w => w.DataWindows, 0, 0x0100), "its entry 0 has the places 0x0100, which are not 2 below 4");
        Refuses(Word(WeightFormat.Depthwise, w => w.DataIndices, 8, 1 << 20), "operation 5 'depthwise': its weight's index 1048576 and a run");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataPointers, 0, 1), "its first unit pointer is 1");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataPointers, 1, 0x40000000), "its unit pointer 2 is smaller");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataIndices, 0, 255), "weight 10 'weight': its index 0 is 255 in a window of 9 columns");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataWindows, 0, 9), "its unit 0 begins at column 9 of 9, but lies in the band from 0");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataWindows, 0, 64), "its unit 0 begins at column 64 of 9, but lies in the band from 0");
        Refuses(Word(WeightFormat.SlicedEll, w => w.DataRowMap, 0, 99), "its row map has at lane 0 the row 99");
    }

    [Fact]
    public void Steps_are_checked()
    {
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Kind = (OperationKind)24), "operation 3 'sum': its kind is 24; 1 (Linear) to 23 (Gather) are known");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Input0 = 26), "operation 3 'sum': Input0 is 26, which is none of 26");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Input1 = -1), "operation 3 'sum': Input1 is -1");
        Refuses(Spoil.Step("leaky", (ref OperationRecord o) => o.Input1 = 0), "operation 12 'leaky': Input1 is 0, but its kind has none");
        Refuses(Spoil.Step("leaky", (ref OperationRecord o) => o.Weight = 0), "operation 12 'leaky': Weight is 0, but its kind has none");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Output = -1), "operation 3 'sum': Output is -1");
        Refuses(Spoil.Step("softmax", (ref OperationRecord o) => o.Function = 2), "operation 25 'softmax': its function is 2; its kind has 0 to 1");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.CountIncludePad = 1), "operation 14 'max': CountIncludePad 1");
        Refuses(Spoil.Step("dense", (ref OperationRecord o) => o.TileVectors = 9), "operation 4 'dense': TileVectors is 9; a Conv2d has 0 to 8");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.TileVectors = 1), "operation 14 'max': TileVectors is 1");
        Refuses(Spoil.Step("affine", (ref OperationRecord o) => o.Weight = 0), "operation 2 'affine': its weight is not dense");
        Refuses(Spoil.Step("fc1", (ref OperationRecord o) => o.Weight = 10), "operation 18 'fc1': its weight of 6 x 9 in 1 groups does not fit");
        Refuses(Spoil.Step("copy", (ref OperationRecord o) => o.Output = 24), "operation 21 'copy': its input and output differ in shape");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Output = 5), "operation 3 'sum': its input of 3x6x7 and its output of 5x3x4 differ");
        Refuses(Spoil.Step("leaky", (ref OperationRecord o) => o.Input0 = 10), "operation 12 'leaky': its input has 16 lanes (4x4) of 1x1 slots, its output 4");
        Refuses(Spoil.Step("mean", (ref OperationRecord o) => o.Output = 17), "operation 16 'mean': its output of 5x2x4 is not the vector");
        Refuses(Spoil.Step("fc1", (ref OperationRecord o) => o.Input0 = 15), "operation 18 'fc1': its input has 8 lanes; a planar one is needed");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Reserved1 = 5), "operation 3 'sum': a reserved field");
    }

    [Fact]
    public void Activations_are_checked()
    {
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.Activation = (Activation)30), "operation 3 'sum': its activation is 30");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.Activation = Activation.Relu), "operation 14 'max': its activation is 1");
        Refuses(Spoil.Step("leaky", (ref OperationRecord o) => (o.Activation, o.ActivationA) = (Activation.None, 0)), "operation 12 'leaky': it has no activation");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.ActivationA = 1), "operation 3 'sum': ActivationA 1 and ActivationB 0 are not what");
        Refuses(Spoil.Step("affine", (ref OperationRecord o) => o.ActivationB = -2), "operation 2 'affine': ActivationA -1 and ActivationB -2 are not what");
        Refuses(Spoil.Step("leaky", (ref OperationRecord o) => o.ActivationA = float.NaN), "operation 12 'leaky': ActivationA NaN and ActivationB 0 are not");
    }

    [Fact]
    public void Windows_are_checked()
    {
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.StrideX = 0), "operation 14 'max': a kernel size, stride");
        Refuses(Spoil.Step("sum", (ref OperationRecord o) => o.KernelX = 1), "operation 3 'sum': a kernel size, stride");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.PadTop = 2), "operation 14 'max': its windows reach beyond its input's halo of 1, 1, 1 and 1");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.KernelX = 5), "operation 14 'max': its windows reach beyond its input's halo of 1, 1, 1 and 1");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.StrideX = 2), "operation 14 'max': its input has 8 lanes (2x4) of 2x1 slots for 8 lanes (2x4) of 2x1 slots of its output and strides of 1x2");
        Refuses(Spoil.Step("max", (ref OperationRecord o) => o.DilationY = 9), "operation 14 'max': its windows reach beyond its input's halo");
        Accepts(Spoil.Value("lowest", (ref ValueRecord v) => v.Frame = Frame.Zero));
        Refuses(Spoil.Value("max", (ref ValueRecord v) => v.Frame = Frame.Lowest), "operation 15 'average': it reads beyond its input's regions or map, but the input's frame is Lowest, not Zero");
        Refuses(Spoil.Value("blocked", (ref ValueRecord v) => v.Frame = Frame.Lowest), "operation 1 'conv1': it reads beyond its input's regions or map, but the input's frame is Lowest, not Zero");
        Refuses(Spoil.Step("bsr32", (ref OperationRecord o) => o.PadLeft = 1), "operation 11 'bsr32': its input is flat, which only windows of 1x1");
        Refuses(Spoil.Step("csr32", (ref OperationRecord o) => o.Weight = 14), "operation 8 'csr32': a convolution's weight cannot be Csc16");
        Refuses(Spoil.Step("conv1", (ref OperationRecord o) => o.Weight = 1), "operation 1 'conv1': its weight has 1 columns in 1 groups for 2 input channels");
        Refuses(Spoil.Step("csr32", (ref OperationRecord o) => o.Weight = 0), "operation 8 'csr32': its weight has 3 rows for 5");
        Accepts(Spoil.Step("delta", (ref OperationRecord o) => o.Input1 = 5));
    }

    [Fact]
    public void Lifetimes_are_checked()
    {
        Refuses(
            Spoil.Step("softmax", (ref OperationRecord o) => (o.Input0, o.Output) = (24, 23)),
            "operation 25 'softmax': it reads value 24, which no earlier step has written");
        Refuses(Spoil.Step("softmax", (ref OperationRecord o) => o.Output = 25), "operation 25 'softmax': its output shares memory with its input 25");
        Refuses(Spoil.Overlay("dense", "sum"), "operation 4 'dense': its output shares memory with its input 4");
        Refuses(Spoil.Overlay("affine", "conv1"), "operation 2 'affine': its output shares memory with its input 2");
        Refuses(Spoil.Overlay("hidden2", "hidden"), "operation 19 'fc2': its output shares memory with its input 18");
        Refuses(Spoil.Overlay("probabilities", "again"), "operation 25 'softmax': its output shares memory with its input 25");
        Refuses(Spoil.Overlay("delta", "depthwise"), "operation 6 'delta': its output shares memory with its input 6");
        Accepts(Spoil.Overlay("sum", "conv1"));
        Accepts(Spoil.Overlay("joined", "hidden2"));
        Accepts(Spoil.Overlay("affine", "pixels"));
        Accepts(Spoil.Overlay("hidden", "conv1"));
    }

    [Fact]
    public void A_value_that_was_overwritten_cannot_be_read()
    {
        BlobBuilder blob = Spoil.Overlay("mean", "pixels");
        Accepts(blob);
        blob.Operations.Insert(17, blob.Operations[0]);
        Refuses(blob, "operation 17 'blocked': it reads value 0, which no earlier step has written or a later one has overwritten");
    }

    [Fact]
    public void An_output_that_was_overwritten_is_refused()
    {
        BlobBuilder blob = SmallNetwork.Build();
        blob.Output("hidden", 18, 1, 9);
        Accepts(blob);
        blob = Spoil.Overlay("middle", "hidden");
        blob.Output("hidden", 18, 1, 9);
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
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Value = 26), "binding 0 'pixels': its value 26 is none of 26");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Dim0 = 2), "binding 0 'pixels': its shape has rank 4 or not as many elements");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.Dim3 = 0), "binding 0 'pixels': its dimension 3 is 0");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.ScalingChannels = 1 << 20), "binding 0 'pixels': it has 1048576 scaling");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.DataMean = 1 << 30), "binding 0 'pixels': Mean, 8 bytes at 1073741824");
        Refuses(Spoil.Binding(0, (ref BindingRecord b) => b.DataStd = 0), "the section Data is wrong: the ranges at 0 and 0 overlap");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.DataStd = 64), "binding 1 'probabilities': it has no scaling channels, but");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.Value = 21), "binding 1 'probabilities': its shape");
        Refuses(Spoil.Binding(1, (ref BindingRecord b) => b.Reserved2 = 1), "binding 1 'probabilities': a reserved field");
        BlobBuilder slots = SmallNetwork.Build();
        slots.Output("conv1", 2, 1, 3, 6, 7);
        Refuses(slots, "binding 2 'conv1': its value 2 has 16 lanes; a planar one is needed");
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
