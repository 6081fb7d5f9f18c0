
using System.Runtime.InteropServices;

namespace FocalMlNet.Tests.StockModels;

public sealed class NativePartsTests
{
    [Fact]
    public void A_library_that_is_not_there_is_a_reason_to_skip()
    {
        var fault = NativeParts.LoadFault(NotThere);
        Assert.StartsWith("DllNotFoundException: ", fault, StringComparison.Ordinal);
        Assert.Contains("focal-loss-no-such-library", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void So_is_one_for_another_processor_that_a_static_constructor_loads()
        => Assert.Equal("BadImageFormatException: other", NativeParts.LoadFault(
            () => throw new TypeInitializationException("Native", new BadImageFormatException("other"))));

    [Fact]
    public void A_library_that_loads_is_none() => Assert.Null(NativeParts.LoadFault(() => { }));

    [Fact]
    public void Nor_is_anything_else_that_goes_wrong()
    {
        Assert.Throws<EntryPointNotFoundException>(() => NativeParts.LoadFault(() => throw new EntryPointNotFoundException()));
        Assert.Throws<TypeInitializationException>(
            () => NativeParts.LoadFault(() => throw new TypeInitializationException("Native", new InvalidOperationException())));
    }

    [DllImport("focal-loss-no-such-library")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void NotThere();
}
