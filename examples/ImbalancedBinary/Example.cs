using Microsoft.ML;
using Microsoft.ML.Data;

namespace ImbalancedBinary;

/// <summary>A row as ML.NET reads it. How many numbers and texts there are is known only at run time: see <see cref="Schema"/>.</summary>
internal sealed class Example
{
    /// <summary>Whether the row is a positive.</summary>
    public bool Label { get; set; }

    /// <summary>The cells of the columns of numbers.</summary>
    public float[] Numbers { get; set; } = [];

    /// <summary>The cells of the text columns.</summary>
    public string[] Texts { get; set; } = [];

    /// <summary>The columns of an <see cref="IDataView"/> of examples; a vector column without slots is left out.</summary>
    public static SchemaDefinition Schema(int numberCount, int textCount)
    {
        return Sized(SchemaDefinition.Create(typeof(Example)), numberCount, textCount);
    }

    /// <summary>Sets the number of slots of the columns Numbers and Texts.</summary>
    public static SchemaDefinition Sized(SchemaDefinition schema, int numberCount, int textCount)
    {
        SetSize(schema, nameof(Numbers), NumberDataViewType.Single, numberCount);
        SetSize(schema, nameof(Texts), TextDataViewType.Instance, textCount);
        return schema;
    }

    private static void SetSize(SchemaDefinition schema, string column, PrimitiveDataViewType itemType, int size)
    {
        if (size == 0)
            schema.Remove(schema[column]);
        else
            schema[column].ColumnType = new VectorDataViewType(itemType, size);
    }
}
