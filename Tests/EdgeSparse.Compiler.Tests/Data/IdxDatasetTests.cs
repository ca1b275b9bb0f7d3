using EdgeSparse.Compiler.Data;

namespace EdgeSparse.Compiler.Tests.Data;

public sealed class IdxDatasetTests
{
    [Theory]
    [InlineData("mnist", 5, 7)]
    [InlineData("fashion-mnist", 9, 9)]
    public void The_shared_set_opens_whole(string name, int firstTrainLabel, int firstTestLabel)
    {
        DataLocations locations = new();
        Assert.SkipWhen(locations.FromVariable is null, $"{DataLocations.Variable} is not set");
        Dataset set = DatasetCatalog.Open(name, locations);
        Assert.Equal("1×28×28", set.SampleShape.ToString());
        Assert.Equal((60000, 10000), (set.Train.Count, set.Test.Count));
        Assert.Equal((firstTrainLabel, firstTestLabel), (set.Train.LabelOf(0), set.Test.LabelOf(0)));
        float[] sample = new float[784];
        set.Train.Read(0, sample);
        Assert.Equal(1f, sample.Max());
        Assert.Equal(0f, sample.Min());
    }
}
