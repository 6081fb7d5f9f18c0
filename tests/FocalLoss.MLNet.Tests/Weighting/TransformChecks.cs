
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tests.Weighting;

/// <summary>What ML.NET expects of estimators, transformers and views.</summary>
internal static class TransformChecks
{
    /// <summary>The shape that a chain gives to its estimators: there is no public way to make one.</summary>
    public static SchemaShape ShapeOf(IDataView view)
    {
        var catcher = new ShapeCatcher();
        new EstimatorChain<ITransformer>().Append(catcher).Fit(view);
        return catcher.Seen!;
    }

    /// <summary>
    /// The promised shape is that of what the fitted transformer gives, and its GetOutputSchema says the same, annotations included.
    /// </summary>
    public static void SchemasAgree(IEstimator<ITransformer> estimator, IDataView view)
    {
        var transformer = estimator.Fit(view);
        var output = transformer.Transform(view);
        Assert.Equal(Columns(ShapeOf(output)), Columns(estimator.GetOutputSchema(ShapeOf(view))));
        SameSchema(output.Schema, transformer.GetOutputSchema(view.Schema));
    }

    /// <summary>The same columns in the same order, annotations included.</summary>
    public static void SameSchema(DataViewSchema expected, DataViewSchema actual) => Assert.Equal(Columns(expected), Columns(actual));

    /// <summary>The same error comes from GetOutputSchema and from Fit.</summary>
    public static void BothRefuse(IEstimator<ITransformer> estimator, IDataView view, string message)
    {
        var shape = ShapeOf(view);
        foreach (var attempt in new Action[] { () => estimator.GetOutputSchema(shape), () => estimator.Fit(view) })
            Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(attempt).Message, StringComparison.Ordinal);
    }

    /// <summary>Several cursors, read in turns and on several threads, give what one gives.</summary>
    public static void CursorsAgree(IDataView view, string column)
    {
        float[] expected = [.. view.GetColumn<float>(column)];
        using var one = view.GetRowCursor([view.Schema[column]]);
        using var other = view.GetRowCursor([view.Schema[column]], new Random(1));
        var (getOne, getOther) = (one.GetGetter<float>(view.Schema[column]), other.GetGetter<float>(view.Schema[column]));
        var (x, y) = (0f, 0f);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(one.MoveNext());
            getOne(ref x);
            // The other is half as far.
            if (i % 2 == 0)
            {
                Assert.True(other.MoveNext());
                getOther(ref y);
                Assert.Equal(expected[i / 2], y);
            }

            Assert.Equal(expected[i], x);
        }

        Assert.False(one.MoveNext());
        Parallel.For(0, 8, _ => Assert.Equal(expected, view.GetColumn<float>(column)));
    }

    private static IEnumerable<string> Columns(SchemaShape shape)
        => shape.Select(c => $"{c.Name} {c.Kind} {c.ItemType} {c.IsKey} [{string.Join(", ", Columns(c.Annotations))}]")
            .Order(StringComparer.Ordinal);

    private static IEnumerable<string> Columns(DataViewSchema schema)
        => schema.Select(c => $"{c.Name} {c.Type} {c.IsHidden} "
            + $"[{string.Join(", ", Columns(c.Annotations.Schema).Order(StringComparer.Ordinal))}]");

    private sealed class ShapeCatcher : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
