namespace Microsoft.ML.Data;

/// <summary>Names of the annotations that the stand-in knows.</summary>
internal static class AnnotationKinds
{
    public const string SlotNames = "SlotNames";
    public const string KeyValues = "KeyValues";
    public const string IsNormalized = "IsNormalized";
    public const string ScoreColumnSetId = "ScoreColumnSetId";
    public const string ScoreColumnKind = "ScoreColumnKind";
    public const string ScoreValueKind = "ScoreValueKind";
    public const string TrainingLabelValues = "TrainingLabelValues";
}

public static class SchemaAnnotationsExtensions
{
    public static bool HasSlotNames(this DataViewSchema.Column column) => column.Type.IsKnownVector()
        && column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.SlotNames)?.Type is VectorDataViewType names
        && names.ItemType is TextDataViewType && names.Size == ((VectorDataViewType)column.Type).Size;
    public static void GetSlotNames(this DataViewSchema.Column column, ref VBuffer<ReadOnlyMemory<char>> slotNames) =>
        column.Annotations.GetValue(AnnotationKinds.SlotNames, ref slotNames);
    public static bool HasKeyValues(this DataViewSchema.Column column, PrimitiveDataViewType keyValueItemType = null) =>
        column.Type.ItemType().KeyCount() is > 0 and var count
        && column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type is VectorDataViewType values
        && values.Size == count
        && values.ItemType.Equals(keyValueItemType ?? TextDataViewType.Instance);
    public static void GetKeyValues<TValue>(this DataViewSchema.Column column, ref VBuffer<TValue> keyValues) =>
        column.Annotations.GetValue(AnnotationKinds.KeyValues, ref keyValues);

    public static bool IsNormalized(this DataViewSchema.Column column)
    {
        var value = false;
        if (column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.IsNormalized)?.Type is BooleanDataViewType)
            column.Annotations.GetValue(AnnotationKinds.IsNormalized, ref value);
        return value;
    }

    /// <summary>The names of the slots, or null if the column has none.</summary>
    internal static string[] SlotNamesOrNull(this DataViewSchema.Column column)
    {
        if (!column.HasSlotNames())
            return null;
        VBuffer<ReadOnlyMemory<char>> names = default;
        column.GetSlotNames(ref names);
        return names.DenseValues().Select(n => n.ToString()).ToArray();
    }

    internal static void AddSlotNames(this DataViewSchema.Annotations.Builder builder, IReadOnlyList<string> names) =>
        builder.AddVector(AnnotationKinds.SlotNames, TextDataViewType.Instance, names.Select(n => (n ?? "").AsMemory()).ToArray());
    internal static void AddVector<T>(this DataViewSchema.Annotations.Builder builder, string kind, PrimitiveDataViewType itemType, T[] values) =>
        builder.AddVector(kind, new VectorDataViewType(itemType, values.Length), values);

    /// <summary>Each reader gets a copy: it may write to what it gets.</summary>
    internal static void AddVector<T>(this DataViewSchema.Annotations.Builder builder, string kind, VectorDataViewType type, T[] values) =>
        builder.Add(kind, type, (ref VBuffer<T> value) => VBuffer<T>.Copy(values, 0, ref value, values.Length));
    internal static SchemaShape.Column[] ShapeOf(params (string Kind, bool Vector, DataViewType ItemType)[] annotations) =>
        Array.ConvertAll(annotations, a => new SchemaShape.Column(a.Kind, (SchemaShape.Column.VectorKind)(a.Vector ? 1 : 0), a.ItemType, false));
}
