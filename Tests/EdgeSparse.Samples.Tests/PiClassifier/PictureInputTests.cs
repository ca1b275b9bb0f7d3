using EdgeSparse.Runtime;
using PiClassifier;

namespace EdgeSparse.Samples.Tests.PiClassifier;

public class PictureInputTests
{
    [Fact]
    public void A_picture_of_the_inputs_size_becomes_what_the_runtimes_own_reader_makes_of_it()
    {
        using SampleFolder folder = new();
        using Model model = Model.Load(folder.WriteRowSums());
        string file = folder.WritePng("a.png", [0, 51], [102, 255]);

        float[] values = Fill(model, PictureFolder.Read(file));

        Assert.Equal([-2f, -1.2f, -0.4f, 2f], values, (a, b) => MathF.Abs(a - b) < 1e-6f);
        Assert.Equal(EdgeSparse.Runtime.Inputs.SampleReader.Read(file, model.Inputs[0])[0], values);
    }

    [Fact]
    public void A_larger_picture_is_averaged()
    {
        using SampleFolder folder = new();
        using Model model = Model.Load(folder.WriteRowSums());

        // Each quarter has the mean 51, 102, 153, 204: (mean/255 − 0.5) / 0.25.
        Picture picture = new(4, 4, 1, [50, 52, 100, 104, 51, 51, 102, 102, 150, 156, 204, 204, 153, 153, 200, 208]);

        Assert.Equal([-1.2f, -0.4f, 0.4f, 1.2f], Fill(model, picture), (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Of_a_wide_picture_the_middle_is_taken_and_colours_become_grey()
    {
        using SampleFolder folder = new();
        using Model model = Model.Load(folder.WriteRowSums());

        // Six columns of which the outer four would change the result; red is 0.299 of grey, 76.
        byte[] row = [255, 255, 255, 255, 255, 255, 255, 0, 0, 255, 0, 0, 255, 255, 255, 255, 255, 255];
        Picture picture = new(6, 2, 3, [.. row, .. row]);

        float red = ((76 / 255f) - 0.5f) / 0.25f;
        Assert.Equal([red, red, red, red], Fill(model, picture), (a, b) => MathF.Abs(a - b) < 1e-6f);
    }

    [Fact]
    public void Scores_are_those_of_the_network()
    {
        using SampleFolder folder = new();
        using Model model = Model.Load(folder.WriteRowSums());
        using Session session = model.CreateSession();

        float[] scores = new PictureInput(model).Run(session, new Picture(2, 2, 1, [255, 255, 0, 0]));

        Assert.Equal([4f, -4f], scores, (a, b) => MathF.Abs(a - b) < 1e-5f);
    }

    private static float[] Fill(Model model, Picture picture)
    {
        float[] values = new float[4];
        new PictureInput(model).Fill(picture, values);
        return values;
    }
}
