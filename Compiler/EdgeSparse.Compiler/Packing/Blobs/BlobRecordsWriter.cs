using System.Runtime.InteropServices;
using EdgeSparse.Compiler.Graphs;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>The plan's parts as records of the file; names go to the Strings section, numbers to the Data section.</summary>
internal sealed class BlobRecordsWriter(StringTable strings, DataSection data)
{
    public ValueRecord Of(PlanValue value, long arenaOffset)
    {
        (uint offset, uint length) = strings.Add(value.Name);
        ValueLayout layout = value.Layout;
        RegionGeometry geometry = layout.Geometry;
        return new ValueRecord
        {
            NameOffset = offset,
            NameLength = length,
            Channels = layout.Shape.Channels,
            Height = layout.Shape.Height,
            Width = layout.Shape.Width,
            Lanes = geometry.Lanes,
            GridY = geometry.GridY,
            GridX = geometry.GridX,
            RegionY = geometry.RegionY,
            RegionX = geometry.RegionX,
            Origin = layout.Origin,
            RowStride = layout.RowStride,
            ChannelStride = layout.ChannelStride,
            HaloTop = layout.Halo.Top,
            HaloLeft = layout.Halo.Left,
            HaloBottom = layout.Halo.Bottom,
            HaloRight = layout.Halo.Right,
            Frame = layout.Frame,
            ArenaOffset = arenaOffset,
            Elements = layout.Elements,
        };
    }

    public WeightRecord Of(PackedWeight weight)
    {
        (uint offset, uint length) = strings.Add(weight.Name);
        WeightRecord record = new()
        {
            NameOffset = offset,
            NameLength = length,
            Format = weight.Format,
            Rows = weight.Rows,
            Columns = weight.Columns,
            Groups = weight.Groups,
            NonZeros = weight.NonZeros,
            Lanes = weight.Lanes,
            Window = weight.Window,
            BlockRows = weight.BlockRows,
            BlockColumns = weight.BlockColumns,
            Chunks = weight.Chunks,
            IndexUnit = weight.IndexUnit,
            ColumnStride = weight.ColumnStride,
        };
        (record.Rank, record.Dim0, record.Dim1, record.Dim2, record.Dim3) = Dimensions(weight.Shape);
        (record.DataValues, record.ValueBytes) = data.Add(weight.Values);
        (record.DataIndices, record.IndexBytes) = data.Add(weight.Indices);
        (record.DataPointers, record.PointerBytes) = data.Add(weight.Pointers);
        (record.DataBias, record.BiasBytes) = data.Add(weight.Bias);
        (record.DataRowMap, record.RowMapBytes) = data.Add(weight.RowMap);
        (record.DataWindows, record.WindowBytes) = data.Add(weight.Windows);
        return record;
    }

    public OperationRecord Of(PlanOperation operation)
    {
        (uint offset, uint length) = strings.Add(operation.Name);
        Window2d window = operation.Window;
        (ulong parameters, ulong parameterBytes) = data.Add(operation.Parameters);
        return new OperationRecord
        {
            NameOffset = offset,
            NameLength = length,
            Kind = operation.Kind,
            Activation = operation.Activation.Kind,
            ActivationA = operation.Activation.A,
            ActivationB = operation.Activation.B,
            Input0 = Input(0),
            Input1 = Input(1),
            Input2 = Input(2),
            Output = operation.Output,
            Weight = operation.Weight,
            KernelY = window.KernelY,
            KernelX = window.KernelX,
            StrideY = window.StrideY,
            StrideX = window.StrideX,
            PadTop = window.PadTop,
            PadLeft = window.PadLeft,
            PadBottom = window.PadBottom,
            PadRight = window.PadRight,
            DilationY = window.DilationY,
            DilationX = window.DilationX,
            CountIncludePad = operation.CountIncludePad ? 1 : 0,
            Function = operation.Function,
            DataParameters = parameters,
            ParameterBytes = parameterBytes,
        };

        int Input(int i) => i < operation.Inputs.Length ? operation.Inputs[i] : -1;
    }

    public BindingRecord Of(PlanBinding binding)
    {
        (uint offset, uint length) = strings.Add(binding.Name);
        BindingRecord record = new() { Kind = binding.Kind, NameOffset = offset, NameLength = length, Value = binding.Value };
        record.Rank = binding.Shape.Rank;
        Span<int> dims = MemoryMarshal.CreateSpan(ref record.Dim0, BlobConstants.MostDimensions);
        dims.Fill(1);
        binding.Shape.Dims.CopyTo(dims);
        record.Type = binding.Type;
        if (binding.Scaling is { } scaling)
        {
            record.ScalingChannels = scaling.Mean.Length;
            (record.DataMean, _) = data.Add(MemoryMarshal.AsBytes(scaling.Mean.AsSpan()).ToArray());
            (record.DataStd, _) = data.Add(MemoryMarshal.AsBytes(scaling.Std.AsSpan()).ToArray());
        }

        return record;
    }

    private static (int Rank, int Dim0, int Dim1, int Dim2, int Dim3) Dimensions(TensorShape shape)
    {
        int Dim(int i) => i < shape.Rank ? shape[i] : 1;
        return (shape.Rank, Dim(0), Dim(1), Dim(2), Dim(3));
    }
}
