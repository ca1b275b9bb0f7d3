namespace EdgeSparse.Compiler.Packing;

/// <summary>How a weight lies in the blob; <see cref="WeightLayouts"/> has the names that users write.</summary>
public enum WeightLayout
{
    /// <summary><c>dense</c>: every weight.</summary>
    Dense,

    /// <summary><c>csr</c>: compressed sparse rows, with 16-bit indices where they suffice.</summary>
    Csr,

    /// <summary><c>sliced-ell</c>: slices of rows × windows of columns, a vector lane a row; for fully connected layers.</summary>
    SlicedEll,

    /// <summary><c>csr-delta8</c>: compressed sparse rows with 8-bit distances between indices; for convolutions.</summary>
    CsrDelta8,

    /// <summary><c>bsr-1x4</c>: blocks of one row and four input channels.</summary>
    Bsr1x4,

    /// <summary><c>bsr-4x1</c>: blocks of four rows and one column.</summary>
    Bsr4x1,

    /// <summary><c>bsr-8x1</c>.</summary>
    Bsr8x1,

    /// <summary><c>bsr-16x1</c>.</summary>
    Bsr16x1,

    /// <summary><c>bsr-4x4</c>.</summary>
    Bsr4x4,

    /// <summary><c>2:4</c>: of four input channels at most two have weights.</summary>
    TwoOfFour,

    /// <summary><c>4:8</c>.</summary>
    FourOfEight,

    /// <summary><c>depthwise</c>: every weight of a convolution that has one input channel a group.</summary>
    Depthwise,

    /// <summary><c>csc</c>: compressed sparse columns, those of inputs that are zero left out; for fully connected layers.</summary>
    Csc,
}

/// <summary>Names of the layouts in options, cost tables and reports.</summary>
public static class WeightLayouts
{
    private static readonly (WeightLayout Layout, string Name)[] Known =
    [
        (WeightLayout.Dense, "dense"),
        (WeightLayout.Csr, "csr"),
        (WeightLayout.CsrDelta8, "csr-delta8"),
        (WeightLayout.Bsr1x4, "bsr-1x4"),
        (WeightLayout.Bsr4x1, "bsr-4x1"),
        (WeightLayout.Bsr8x1, "bsr-8x1"),
        (WeightLayout.Bsr16x1, "bsr-16x1"),
        (WeightLayout.Bsr4x4, "bsr-4x4"),
        (WeightLayout.TwoOfFour, "2:4"),
        (WeightLayout.FourOfEight, "4:8"),
        (WeightLayout.Depthwise, "depthwise"),
        (WeightLayout.SlicedEll, "sliced-ell"),
        (WeightLayout.Csc, "csc"),
    ];

    /// <summary>All names, in the order of reports.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>For example <c>bsr-4x1</c>.</summary>
    public static string NameOf(WeightLayout layout) => Known.First(k => k.Layout == layout).Name;

    /// <exception cref="PackingException">There is no such layout; the message lists all.</exception>
    public static WeightLayout Parse(string name)
    {
        foreach ((WeightLayout layout, string known) in Known)
        {
            if (known == name)
            {
                return layout;
            }
        }

        throw new PackingException($"'{name}' is no weight format; the formats are {string.Join(", ", Names)}");
    }

    /// <summary>Rows and columns of the blocks; N and M of N:M; 1×1 for formats without blocks.</summary>
    internal static (int Rows, int Columns) BlockOf(WeightLayout layout) => layout switch
    {
        WeightLayout.Bsr1x4 => (1, 4),
        WeightLayout.Bsr4x1 => (4, 1),
        WeightLayout.Bsr8x1 => (8, 1),
        WeightLayout.Bsr16x1 => (16, 1),
        WeightLayout.Bsr4x4 => (4, 4),
        WeightLayout.TwoOfFour => (2, 4),
        WeightLayout.FourOfEight => (4, 8),
        _ => (1, 1),
    };
}
