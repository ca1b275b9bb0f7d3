using System.Collections.Immutable;
using EdgeSparse.Compiler.Graphs;

namespace EdgeSparse.Compiler.Onnx.Import.Operators;

/// <summary>A window over one spatial dimension.</summary>
internal readonly record struct WindowAxis(int Kernel, int Stride, int Dilation, int PadBefore, int PadAfter)
{
    /// <summary>One pixel at every place.</summary>
    public static readonly WindowAxis Pixel = new(1, 1, 1, 0, 0);

    /// <summary>The window over rows and columns.</summary>
    public static Window2d Of(WindowAxis rows, WindowAxis columns) => new(
        rows.Kernel, columns.Kernel, rows.Stride, columns.Stride, rows.PadBefore, columns.PadBefore, rows.PadAfter, columns.PadAfter,
        rows.Dilation, columns.Dilation);
}

/// <summary>The attributes that Conv and the pools have in common: kernel_shape, strides, dilations, pads, auto_pad.</summary>
internal static class WindowAttributes
{
    // Far beyond any network, and small enough that no product of two of them wraps around.
    private const int Largest = 1 << 14;

    /// <param name="node">A Conv, MaxPool or AveragePool.</param>
    /// <param name="input">Its input, N×C×… with one to <paramref name="most"/> spatial dimensions.</param>
    /// <param name="most">Spatial dimensions that the operator supports.</param>
    /// <param name="kernelFromWeight">The spatial dimensions of a Conv's weight; null for a pool, which must say them.</param>
    /// <returns>One a spatial dimension.</returns>
    /// <exception cref="OnnxFormatException">A wrong count of dimensions or values, or a value out of range.</exception>
    public static ImmutableArray<WindowAxis> Read(OnnxNode node, TensorShape input, int most, ImmutableArray<int>? kernelFromWeight = null)
    {
        ImmutableArray<int> kernel = Kernel(node, input, most, kernelFromWeight);
        int axes = kernel.Length;
        ImmutableArray<int> strides = Values(node, "strides", axes, 1) ?? Ones(axes);
        ImmutableArray<int> dilations = Values(node, "dilations", axes, 1) ?? Ones(axes);
        ImmutableArray<int> pads = ExplicitPads(node, axes);
        string autoPad = AutoPad(node);
        var result = ImmutableArray.CreateBuilder<WindowAxis>(axes);
        for (int i = 0; i < axes; i++)
        {
            (int before, int after) = autoPad switch
            {
                "NOTSET" => (pads[i], pads[axes + i]),
                "VALID" => (0, 0),
                _ => Split(Missing(input[i + 2], kernel[i], strides[i], dilations[i]), autoPad),
            };
            result.Add(new WindowAxis(kernel[i], strides[i], dilations[i], before, after));
        }

        return result.MoveToImmutable();
    }

    /// <summary>kernel_shape, which must agree with the weight where there is one.</summary>
    public static ImmutableArray<int> Kernel(OnnxNode node, TensorShape input, int most, ImmutableArray<int>? weight)
    {
        int axes = input.Rank - 2;
        if (axes < 1 || axes > most)
        {
            throw node.Fail($"has an input of shape {input}; supported are N×C×… with 1 to {most} further dimensions");
        }

        if (weight is { } own && own.Length != axes)
        {
            throw node.Fail($"has a weight with {own.Length} spatial dimensions for an input of shape {input}");
        }

        ImmutableArray<int> kernel = Values(node, "kernel_shape", axes, 1) ?? weight ?? throw node.Fail("lacks the attribute kernel_shape");
        return weight is { } w && !w.SequenceEqual(kernel)
            ? throw node.Fail($"has the kernel_shape {string.Join('×', kernel)}, but its weight has {string.Join('×', w)}")
            : kernel;
    }

    /// <summary>pads: those before each dimension, then those after; zeros when left out.</summary>
    public static ImmutableArray<int> ExplicitPads(OnnxNode node, int axes) =>
        Values(node, "pads", 2 * axes, 0) ?? [.. Enumerable.Repeat(0, 2 * axes)];

    public static ImmutableArray<int> Ones(int axes) => [.. Enumerable.Repeat(1, axes)];

    public static string AutoPad(OnnxNode node)
    {
        string autoPad = node.Text("auto_pad", "NOTSET");
        return autoPad is "NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"
            ? autoPad
            : throw node.Fail($"has auto_pad = {autoPad}; supported are NOTSET, SAME_UPPER, SAME_LOWER and VALID");
    }

    /// <summary>The odd pixel goes to the end for SAME_UPPER, else to the beginning.</summary>
    public static (int Before, int After) Split(int total, string autoPad) =>
        autoPad == "SAME_UPPER" ? (total / 2, total - (total / 2)) : (total - (total / 2), total / 2);

    /// <summary>An attribute of a fixed number of integers, each from the least to a bound that no network reaches.</summary>
    public static ImmutableArray<int>? Values(OnnxNode node, string name, int count, int least)
    {
        if (node.Integers(name) is not { } values)
        {
            return null;
        }

        if (values.Length != count)
        {
            throw node.Fail($"has {values.Length} values of {name}; its input asks for {count}");
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

    /// <summary>Padding on one axis so that there are ceil(length / stride) outputs.</summary>
    private static int Missing(int length, int kernel, int stride, int dilation)
    {
        long outputs = (length + (long)stride - 1) / stride;
        return (int)Math.Max(0, ((outputs - 1) * stride) + ((long)(kernel - 1) * dilation) + 1 - length);
    }
}
