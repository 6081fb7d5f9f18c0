using System.Reflection;
using FocalMlNet.Columns;
using FocalMlNet.Matrix;
using FocalMlNet.Views;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests;

/// <summary>
/// The first fits of a process run what has been compiled so far. A loop of a block's rows is too short to be replaced while it runs, and
/// left to the runtime would be slow until it has been called often, and for some 100 ms.
/// </summary>
public sealed class FirstFitsTests
{
    /// <summary>What a block does with many rows: all that takes spans of them and returns nothing.</summary>
    public static TheoryData<string> Operations => [.. typeof(RowBlock).GetMethods()
        .Where(method => method.IsAbstract && method.ReturnType == typeof(void)
            && Array.Exists(method.GetParameters(), parameter => parameter.ParameterType is { IsGenericType: true } type
                && type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>)))
        .Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void What_a_dense_block_computes_is_optimised_when_it_is_first_called(string operation)
        => AssertOptimised(typeof(DenseBlock).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Single(method => string.Equals(method.Name, operation, StringComparison.Ordinal) && method.IsVirtual));

    [Fact]
    public void The_label_of_a_row_is_read_by_code_that_is_optimised_when_it_is_first_called()
    {
        var key = new KeyDataViewType(typeof(uint), 2);
        TinyColumn[] columns =
        [
            new TinyColumn<bool>("Boolean", BooleanDataViewType.Instance, null, [true]),
            new TinyColumn<uint>("Key", key, null, [2u]),
        ];
        var view = new TinyView(columns);
        foreach (var column in view.Schema)
        {
            using var cursor = view.GetRowCursor(view.Schema);
            var label = LabelReader.Unchecked(cursor, column);
            AssertOptimised(label.Method);
            Assert.True(cursor.MoveNext());
            Assert.Equal(1, label());
        }
    }

    private static void AssertOptimised(MethodInfo method)
        => Assert.True(
            method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveOptimization), $"{method.DeclaringType}.{method.Name}");
}
