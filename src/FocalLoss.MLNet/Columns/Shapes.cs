
using Microsoft.ML;

namespace FocalMlNet.Columns;

/// <summary>Shapes of columns. The constructors of <see cref="SchemaShape.Column"/> are closed, so stock estimators make them.</summary>
internal static class Shapes
{
    /// <summary>A shape with a Single column added.</summary>
    /// <param name="shape">The shape, with one scalar column at least.</param>
    /// <param name="name">The name of the column that is added.</param>
    /// <param name="anyScalar">The name of a scalar column of the shape.</param>
    public static SchemaShape WithSingle(SchemaShape shape, string name, string anyScalar)
        => new MLContext().Transforms.Conversion
            .MapValue(name, new Dictionary<bool, float> { [true] = 1 }, anyScalar).GetOutputSchema(shape);

    /// <summary>A shape without the column of a name.</summary>
    public static SchemaShape Without(SchemaShape shape, string name)
        => new(shape.Where(column => !string.Equals(column.Name, name, StringComparison.Ordinal)));
}
