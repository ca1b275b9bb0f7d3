using EdgeSparse.Compiler.Verification.Xnnpack;

namespace EdgeSparse.Compiler.Tests.Verification.Xnnpack;

public sealed class XnnpackLibraryTests
{
    [Fact]
    public void A_missing_library_is_named_with_what_installs_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "XNNPACK is looked for on Linux alone");
        Assert.Equal(
            "libNoSuchThing.so.0 is not installed (Debian 12: apt install libxnnpack0)", XnnpackLibrary.WhyUnusable("libNoSuchThing.so.0", "libc.so.6"));
    }

    [Fact]
    public void A_library_with_other_functions_is_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "XNNPACK is looked for on Linux alone");
        Assert.Equal(
            "libc.so.6 is of another version than that of Debian 12's libxnnpack0 (2022-02-16), whose interface is known",
            XnnpackLibrary.WhyUnusable("libc.so.6", "libc.so.6"));
    }
}
