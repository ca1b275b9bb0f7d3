using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Pruning.Structured.Dependencies;

/// <summary>What each kind of node ties together.</summary>
internal static class NodeCouplings
{
    public static void Of(AxisTable axes, Node node)
    {
        switch (node)
        {
            case WeightedLayer layer:
                ProductCouplings.Of(axes, layer);
                break;
            case MatMul product:
                ProductCouplings.OfMatMul(axes, product);
                break;
            case BatchNorm or InstanceNorm:
                ElementwiseCouplings.OfChannelNorm(axes, node);
                break;
            case GroupNorm norm:
                ElementwiseCouplings.OfGroupNorm(axes, norm);
                break;
            case LayerNorm norm:
                ElementwiseCouplings.OfLayerNorm(axes, norm);
                break;
            case PointwiseActivation activation:
                ElementwiseCouplings.OfPointwise(axes, activation);
                break;
            case Cast or Dropout:
                axes.TieAll(node.Inputs[0], node.Output);
                break;
            case Add sum:
                axes.TieAll(sum.Left, sum.Output);
                axes.TieAll(sum.Right, sum.Output);
                break;
            case Binary binary:
                ElementwiseCouplings.OfBinary(axes, binary);
                break;
            case Where where:
                ElementwiseCouplings.OfWhere(axes, where);
                break;
            case MaxPool or AveragePool or GlobalAveragePool or GlobalMaxPool:
                ElementwiseCouplings.OfPool(axes, node);
                break;
            case Constant constant:
                OfConstant(axes, constant);
                break;
            default:
                OfMovement(axes, node);
                break;
        }
    }

    private static void OfMovement(AxisTable axes, Node node)
    {
        switch (node)
        {
            case Flatten or Reshape:
                MovementCouplings.OfReshape(axes, node);
                break;
            case Transpose transpose:
                MovementCouplings.OfTranspose(axes, transpose);
                break;
            case Concat concat:
                MovementCouplings.OfConcat(axes, concat);
                break;
            case Slice slice:
                MovementCouplings.OfSlice(axes, slice);
                break;
            case Pad pad:
                MovementCouplings.OfPad(axes, pad);
                break;
            case Gather gather:
                MovementCouplings.OfGather(axes, gather);
                break;
            case Expand expand:
                ElementwiseCouplings.TieBroadcast(axes, expand.Input, expand.Output, keepsZero: false);
                break;
            case DepthToSpace depth:
                MovementCouplings.OfDepthAndSpace(axes, node, depth.Input, depth.Output, depth.Block, depth.ColumnRowDepth);
                break;
            case SpaceToDepth space:
                MovementCouplings.OfDepthAndSpace(axes, node, space.Output, space.Input, space.Block, columnRowDepth: false);
                break;
            case Resize resize:
                MovementCouplings.OfResize(axes, resize);
                break;
            case Reduce reduce:
                MovementCouplings.OfReduction(axes, node, reduce.Axes, reduce.KeepDimensions);
                break;
            case ArgExtreme extreme:
                MovementCouplings.OfReduction(axes, node, [extreme.Axis], extreme.KeepDimensions);
                break;
            case TopK top:
                MovementCouplings.OfReduction(axes, node, [top.Axis], keepsDimensions: true);
                break;
            case Softmax softmax:
                int rank = axes.ShapeOf(softmax.Input).Rank;
                MovementCouplings.OfReduction(axes, node, [softmax.Axis < 0 ? softmax.Axis + rank : softmax.Axis], keepsDimensions: true);
                break;
            default:
                OfUnknown(axes, node);
                break;
        }
    }

    /// <summary>Nothing is known of how its channels hang together, so that none of them can go.</summary>
    private static void OfUnknown(AxisTable axes, Node node)
    {
        Pin pin = new(PinKind.Operator, $"the dependency graph does not follow channels through layer '{node.Name}' ({node.Operator})");
        foreach (string value in node.Inputs.Append(node.Output))
        {
            axes.HoldAll(value, pin);
        }
    }

    private static void OfConstant(AxisTable axes, Constant node)
    {
        for (int i = 0; i < axes.ShapeOf(node.Output).Rank; i++)
        {
            axes.Tie(axes.Weight(node.Weight, i, AxisRole.Other), axes.Value(node.Output, i));
        }
    }
}
