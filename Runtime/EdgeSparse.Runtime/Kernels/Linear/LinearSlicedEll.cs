using System.Runtime.Intrinsics;

namespace EdgeSparse.Runtime.Kernels;

/// <summary>
/// Sparse matrix times vector over sliced ELL, for any lanes, window and unit, so that every blob runs on every machine: inputs
/// are fetched one by one.
/// </summary>
internal static unsafe class LinearSlicedEll
{
    /// <summary>Any lanes, one multiplication at a time.</summary>
    public static void RunScalar(Step* step, int worker, int workers)
    {
        int lanes = step->Lanes;
        int entries = step->BlockColumns;
        SliceBands bands = SliceBands.Of(step);
        ConvShare* share = step->Shares + worker;
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            float* sums = step->Scratch + ((nint)slice * lanes);
            new Span<float>(sums, lanes).Clear();
            (nuint first, nuint end) = bands.Units(step, slice);
            for (nuint unit = first; unit < end; unit++)
            {
                float* x = step->Input.Slots + ((ushort*)step->Windows)[unit];
                float* value = step->Values + (unit * (nuint)(entries * lanes));
                byte* index = (byte*)step->Indices + (unit * (nuint)(entries * lanes));
                for (int entry = 0; entry < entries; entry++)
                {
                    for (int lane = 0; lane < lanes; lane++)
                    {
                        sums[lane] += *value++ * x[*index++];
                    }
                }
            }
        }

        SliceSums.Finish(step, worker);
    }

    /// <summary>Any number of lanes that is a multiple of 4: four inputs are put together one by one, the rest is vectors.</summary>
    public static void Run4Vector128(Step* step, int worker, int workers)
    {
        nuint lanes = (nuint)step->Lanes;
        nuint entries = (nuint)step->BlockColumns;
        SliceBands bands = SliceBands.Of(step);
        ConvShare* share = step->Shares + worker;
        for (int slice = share->FirstBlock; slice < share->EndBlock; slice++)
        {
            (nuint first, nuint end) = bands.Units(step, slice);
            for (nuint lane = 0; lane < lanes; lane += 4)
            {
                Vector128<float> sum = Vector128<float>.Zero;
                for (nuint unit = first; unit < end; unit++)
                {
                    float* x = step->Input.Slots + ((ushort*)step->Windows)[unit];
                    for (nuint entry = unit * entries; entry < (unit + 1) * entries; entry++)
                    {
                        byte* index = (byte*)step->Indices + (entry * lanes) + lane;
                        Vector128<float> inputs = Vector128.Create(x[index[0]], x[index[1]], x[index[2]], x[index[3]]);
                        sum = Vector128.MultiplyAddEstimate(inputs, Vector128.Load(step->Values + (entry * lanes) + lane), sum);
                    }
                }

                Vector128.Store(sum, step->Scratch + ((nuint)slice * lanes) + lane);
            }
        }

        SliceSums.Finish<Ops128, Vector128<float>>(step, worker);
    }
}
