
using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace FocalMlNet.Tests.StockModels;

public sealed class ContextTests
{
    /// <summary>Whatever is made with a context leaves something in it, which would never go.</summary>
    [Fact]
    public void No_type_keeps_a_context_for_ever()
    {
        const BindingFlags Statics = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var fields = typeof(FocalLoss).Assembly.GetTypes().SelectMany(type => type.GetFields(Statics));
        Assert.DoesNotContain(fields, field => typeof(IHostEnvironment).IsAssignableFrom(field.FieldType));
        Assert.True(typeof(IHostEnvironment).IsAssignableFrom(typeof(MLContext)));
    }
}
