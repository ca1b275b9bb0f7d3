using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeSparse.Runtime;
using EdgeSparse.Runtime.Blob;

namespace EdgeSparse.Compiler.Packing;

/// <summary>
/// Adds the section SelfTest to a packed blob: samples with the outputs that the runtime computes here. The eighth entry of the
/// section table takes the bytes between table and first section, so that nothing else moves.
/// </summary>
public static class SelfTestSection
{
    /// <summary>
    /// What instruction sets may differ by: sums of other orders and polynomials of other roundings stay below 10⁻⁴ of the largest
    /// output in deep networks, a wrong weight or index does not.
    /// </summary>
    private const float Tolerance = 1e-3f;

    private const uint Seed = 1;

    /// <summary>With given samples, stored as bytes where that loses nothing.</summary>
    /// <param name="blob">A blob without the section, of one input.</param>
    /// <param name="samples">The input's elements, at least one sample.</param>
    /// <returns>The blob with the section, or as it was where an output is no finite number.</returns>
    public static byte[] Add(ReadOnlySpan<byte> blob, IReadOnlyList<float[]> samples)
    {
        using Model model = Model.FromBytes(blob);
        byte[][]? pixels = [.. samples.Select(s => Pixels(s, model.Inputs[0].Scaling)).OfType<byte[]>()];
        bool asPixels = pixels.Length == samples.Count;
        byte[] inputs = asPixels
            ? Padded([.. pixels.SelectMany(p => p)])
            : MemoryMarshal.AsBytes(samples.SelectMany(s => s).ToArray().AsSpan()).ToArray();
        SelfTestRecord record = new()
        {
            Samples = (uint)samples.Count,
            Inputs = asPixels ? SelfTestInputs.Pixels : SelfTestInputs.Numbers,
            Tolerance = Tolerance,
        };
        return Append(blob, record, inputs, Outputs(model, [.. samples.Select(s => new[] { s })]));
    }

    /// <summary>With one sample that is generated, for networks that no data came with.</summary>
    /// <param name="blob">A blob without the section.</param>
    /// <returns>As for the other overload.</returns>
    public static byte[] AddGenerated(ReadOnlySpan<byte> blob)
    {
        using Model model = Model.FromBytes(blob);
        float[][] sample = [.. model.Inputs.Select(i => new float[i.ElementCount])];
        uint start = 0;
        for (int i = 0; i < sample.Length; i++)
        {
            SelfTest.Generate(model.Inputs[i].Type, Seed, start, sample[i]);
            start += (uint)sample[i].Length;
        }

        SelfTestRecord record = new() { Samples = 1, Inputs = SelfTestInputs.Generated, Seed = Seed, Tolerance = Tolerance };
        return Append(blob, record, [], Outputs(model, [sample]));
    }

    private static float[] Outputs(Model model, float[][][] samples)
    {
        using Session session = model.CreateSession();
        List<float> outputs = [];
        foreach (float[][] inputs in samples)
        {
            for (int i = 0; i < inputs.Length; i++)
            {
                session.SetInput(i, inputs[i]);
            }

            session.Run();
            for (int o = 0; o < model.Outputs.Count; o++)
            {
                float[] output = new float[model.Outputs[o].ElementCount];
                session.GetOutput(o, output);
                outputs.AddRange(output);
            }
        }

        return [.. outputs];
    }

    /// <summary>The bytes that become exactly these elements, or null.</summary>
    private static byte[]? Pixels(float[] sample, PixelScaling? scaling)
    {
        if (scaling is null || sample.Length % scaling.Mean.Length != 0)
        {
            return null;
        }

        int plane = sample.Length / scaling.Mean.Length;
        byte[] pixels = new byte[sample.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            double pixel = Math.Round((((double)sample[i] * scaling.Std[i / plane]) + scaling.Mean[i / plane]) * 255);
            if (!(pixel is >= 0 and <= 255))
            {
                return null;
            }

            pixels[i] = (byte)pixel;
        }

        float[] back = new float[sample.Length];
        SelfTest.FromPixels(pixels, scaling, back);
        return back.AsSpan().SequenceEqual(sample) ? pixels : null;
    }

    private static byte[] Padded(byte[] pixels)
    {
        Array.Resize(ref pixels, (pixels.Length + 3) & ~3);
        return pixels;
    }

    private static byte[] Append(ReadOnlySpan<byte> blob, SelfTestRecord record, byte[] inputs, float[] outputs)
    {
        if (outputs.Any(o => !float.IsFinite(o)))
        {
            return blob.ToArray();
        }

        BlobHeader header = MemoryMarshal.Read<BlobHeader>(blob);
        int start = (int)BlobLayout.Align(blob.Length);
        int length = Unsafe.SizeOf<SelfTestRecord>() + inputs.Length + (outputs.Length * sizeof(float));
        byte[] file = new byte[start + length];
        blob.CopyTo(file);
        MemoryMarshal.Write(file.AsSpan(start), record);
        inputs.CopyTo(file, start + Unsafe.SizeOf<SelfTestRecord>());
        MemoryMarshal.AsBytes(outputs.AsSpan()).CopyTo(file.AsSpan(start + Unsafe.SizeOf<SelfTestRecord>() + inputs.Length));

        SectionEntry entry = new() { Kind = SectionKind.SelfTest, Offset = (ulong)start, Length = (ulong)length };
        MemoryMarshal.Write(file.AsSpan(Unsafe.SizeOf<BlobHeader>() + ((int)header.SectionCount * Unsafe.SizeOf<SectionEntry>())), entry);
        header.SectionCount++;
        BlobSeal.Write(file, header);
        return file;
    }
}
