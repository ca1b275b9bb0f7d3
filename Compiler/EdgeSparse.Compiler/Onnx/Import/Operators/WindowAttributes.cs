using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>The attributes that Conv and the pools have in common: kernel_shape, strides, dilations, pads, auto_pad.</summary>
internal static class WindowAttributes
{
    // Far beyond any network, and small enough that no product of two of them wraps around.
    private const int Largest = 1 << 14;

    /// <param name="node">A Conv, MaxPool or AveragePool.</param>
    /// <param name="input">Its input, N×C×H×W.</param>
    /// <param name="kernelFromWeight">Rows and columns of a Conv's weight; null for a pool, which must say them.</param>
    /// <exception cref="OnnxFormatException">Not two-dimensional, a wrong count of values, or a value out of range.</exception>
    public static Window2d Read(OnnxNode node, TensorShape input, (int Rows, int Columns)? kernelFromWeight = null)
    {
        ImmutableArray<int> kernel = Kernel(node, input, kernelFromWeight);
        ImmutableArray<int> strides = Pair(node, "strides", [1, 1], 1);
        ImmutableArray<int> dilations = Pair(node, "dilations", [1, 1], 1);
        ImmutableArray<int> pads = Pads(node, input, kernel, strides, dilations);
        return new Window2d(
            kernel[0], kernel[1], strides[0], strides[1], pads[0], pads[1], pads[2], pads[3], dilations[0], dilations[1]);
    }

    /// <summary>kernel_shape, which must agree with the weight where there is one.</summary>
    public static ImmutableArray<int> Kernel(OnnxNode node, TensorShape input, (int Rows, int Columns)? weight)
    {
        if (input.Rank != 4)
        {
            throw node.Fail($"has an input of shape {input}; only N×C×H×W is supported");
        }

        ImmutableArray<int> kernel = weight is { } k
            ? Pair(node, "kernel_shape", [k.Rows, k.Columns], 1)
            : node.HasAttribute("kernel_shape") ? Pair(node, "kernel_shape", [], 1) : throw node.Fail("lacks the attribute kernel_shape");
        return weight is { } w && (kernel[0] != w.Rows || kernel[1] != w.Columns)
            ? throw node.Fail($"has the kernel_shape {kernel[0]}×{kernel[1]}, but its weight has {w.Rows}×{w.Columns}")
            : kernel;
    }

    /// <summary>pads: top, left, bottom, right.</summary>
    public static ImmutableArray<int> ExplicitPads(OnnxNode node) => Values(node, "pads", [0, 0, 0, 0], 0);

    /// <summary>An attribute of one value for the rows and one for the columns.</summary>
    public static ImmutableArray<int> Pair(OnnxNode node, string name, ImmutableArray<int> absent, int least)
    {
        ImmutableArray<int> values = Values(node, name, absent, least);
        return values.Length == 2 ? values : throw node.Fail($"has {values.Length} values of {name}; only two-dimensional windows are supported");
    }

    private static ImmutableArray<int> Pads(
        OnnxNode node, TensorShape input, ImmutableArray<int> kernel, ImmutableArray<int> strides, ImmutableArray<int> dilations)
    {
        ImmutableArray<int> pads = ExplicitPads(node);
        string autoPad = node.Text("auto_pad", "NOTSET");
        switch (autoPad)
        {
            case "NOTSET":
                return pads;
            case "VALID":
                return [0, 0, 0, 0];
            case "SAME_UPPER" or "SAME_LOWER":
                int rows = Missing(input[2], kernel[0], strides[0], dilations[0]);
                int columns = Missing(input[3], kernel[1], strides[1], dilations[1]);

                // The odd pixel goes to the end for SAME_UPPER, to the beginning for SAME_LOWER.
                int top = autoPad == "SAME_UPPER" ? rows / 2 : rows - (rows / 2);
                int left = autoPad == "SAME_UPPER" ? columns / 2 : columns - (columns / 2);
                return [top, left, rows - top, columns - left];
            default:
                throw node.Fail($"has auto_pad = {autoPad}; supported are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
        }
    }

    /// <summary>Padding on one axis so that there are ceil(length / stride) outputs.</summary>
    private static int Missing(int length, int kernel, int stride, int dilation)
    {
        long outputs = (length + (long)stride - 1) / stride;
        return (int)Math.Max(0, ((outputs - 1) * stride) + ((long)(kernel - 1) * dilation) + 1 - length);
    }

    private static ImmutableArray<int> Values(OnnxNode node, string name, ImmutableArray<int> absent, int least)
    {
        if (node.Integers(name) is not { } values)
        {
            return absent;
        }

        if (name == "pads" && values.Length != 4)
        {
            throw node.Fail($"has {values.Length} values of pads; a two-dimensional window has 4");
        }

        foreach (long value in values)
        {
            if (value < least || value > Largest)
            {
                throw node.Fail($"has {value} in {name}; supported are {least} to {Largest}");
            }
        }

        return [.. values.Select(v => (int)v)];
    }
}
