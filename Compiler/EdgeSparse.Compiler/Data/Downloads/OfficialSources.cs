using System.Collections.Immutable;

namespace EdgeSparse.Compiler.Data.Downloads;

/// <summary>Where the known sets come from, and the digests of what comes.</summary>
internal static class OfficialSources
{
    private const long CifarFileBytes = 30_730_000;

    // The mirror that PyTorch uses; the original place at yann.lecun.com refuses downloads.
    private const string MnistUrl = "https://ossci-datasets.s3.amazonaws.com/mnist/";
    private const string FashionUrl = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/";
    private const string TorontoUrl = "https://www.cs.toronto.edu/~kriz/";

    public static ImmutableArray<DatasetSource> Mnist { get; } = Idx(
        MnistUrl,
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

    public static ImmutableArray<DatasetSource> FashionMnist { get; } = Idx(
        FashionUrl,
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");

    // CIFAR's page publishes MD5 alone (c32a1d4ab5d03f1284b67883e8d87530 and 03b5dce01913d631647c71ecec9e9cb8). The SHA-256 of
    // the archives are those that several projects pin; those of the files inside are the ones that torchvision for Ruby pins.
    public static ImmutableArray<DatasetSource> Cifar10 { get; } =
    [
        new(
            TorontoUrl + "cifar-10-binary.tar.gz",
            [
                new("cifar-10-batches-bin/data_batch_1.bin", CifarFileBytes, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
                new("cifar-10-batches-bin/data_batch_2.bin", CifarFileBytes, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
                new("cifar-10-batches-bin/data_batch_3.bin", CifarFileBytes, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
                new("cifar-10-batches-bin/data_batch_4.bin", CifarFileBytes, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
                new("cifar-10-batches-bin/data_batch_5.bin", CifarFileBytes, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
                new("cifar-10-batches-bin/test_batch.bin", CifarFileBytes, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
            ],
            "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
    ];

    public static ImmutableArray<DatasetSource> Cifar100 { get; } =
    [
        new(
            TorontoUrl + "cifar-100-binary.tar.gz",
            [
                new("cifar-100-binary/train.bin", 153_700_000, "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29"),
                new("cifar-100-binary/test.bin", 30_740_000, "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a"),
            ],
            "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
    ];

    private static ImmutableArray<DatasetSource> Idx(string url, string trainImages, string trainLabels, string testImages, string testLabels) =>
    [
        new($"{url}{IdxDataset.TrainImages}.gz", [new(IdxDataset.TrainImages, 47_040_016, trainImages)]),
        new($"{url}{IdxDataset.TrainLabels}.gz", [new(IdxDataset.TrainLabels, 60_008, trainLabels)]),
        new($"{url}{IdxDataset.TestImages}.gz", [new(IdxDataset.TestImages, 7_840_016, testImages)]),
        new($"{url}{IdxDataset.TestLabels}.gz", [new(IdxDataset.TestLabels, 10_008, testLabels)]),
    ];
}
