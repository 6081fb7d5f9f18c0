namespace Microsoft.ML.Data;

/// <summary>The columns that multiclass classifiers add, and the label that they read.</summary>
internal static class MulticlassColumns
{
    private static readonly string[] FromLabel = [AnnotationKinds.KeyValues];

    public static SchemaShape.Column Label(string name) => new(name, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true);

    /// <summary>The number of classes.</summary>
    public static ulong KeyCount(DataViewSchema.Column label) => ((KeyDataViewType)label.Type).Count;

    /// <summary>Score has the label's key values, and names its slots after them if they are texts; PredictedLabel has them too.</summary>
    public static SchemaShape AddTo(SchemaShape input, string label)
    {
        var hasValues = input.Require(label).Annotations.TryFindColumn(AnnotationKinds.KeyValues, out var values);
        SchemaShape.Column[] ofScore = !hasValues ? []
            : values.ItemType is TextDataViewType ? [Vector(AnnotationKinds.SlotNames, values.ItemType), Vector(AnnotationKinds.TrainingLabelValues, values.ItemType)]
            : [Vector(AnnotationKinds.TrainingLabelValues, values.ItemType)];
        return input.With(
            Shape(ScoreColumns.Score, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, ofScore),
            Shape(ScoreColumns.PredictedLabel, SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.UInt32, true, hasValues ? [values] : []));
    }

    /// <summary>The annotations of the training label that a model keeps.</summary>
    public static DataViewSchema.Annotations KeyValues(DataViewSchema.Column label)
    {
        var builder = new DataViewSchema.Annotations.Builder();
        builder.Add(label.Annotations, FromLabel.Contains);
        return builder.ToAnnotations();
    }

    public static DataViewSchema.DetachedColumn[] Make(int classes, DataViewSchema.Annotations keyValues, uint setId)
    {
        var predicted = Kind(setId, ScoreColumns.PredictedLabel);
        predicted.Add(keyValues, _ => true);
        var score = Kind(setId, ScoreColumns.Score);
        if (keyValues.Schema.GetColumnOrNull(AnnotationKinds.KeyValues)?.Type is VectorDataViewType values)
            Generic.Call<object>(AddLabelValues<int>, [values.ItemType.RawType], score, keyValues, values);

        return
        [
            new(ScoreColumns.PredictedLabel, new KeyDataViewType(typeof(uint), classes), predicted.ToAnnotations()),
            new(ScoreColumns.Score, new VectorDataViewType(NumberDataViewType.Single, classes), score.ToAnnotations()),
        ];
    }

    private static object AddLabelValues<T>(DataViewSchema.Annotations.Builder score, DataViewSchema.Annotations keyValues, VectorDataViewType type)
    {
        VBuffer<T> values = default;
        keyValues.GetValue(AnnotationKinds.KeyValues, ref values);
        score.AddVector(AnnotationKinds.TrainingLabelValues, type, values.DenseValues().ToArray());
        if (type.ItemType is TextDataViewType)
            score.AddVector(AnnotationKinds.SlotNames, type, values.DenseValues().ToArray());
        return null;
    }

    private static SchemaShape.Column Vector(string name, DataViewType type) => new(name, SchemaShape.Column.VectorKind.Vector, type, false);

    private static DataViewSchema.Annotations.Builder Kind(uint setId, string valueKind)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ScoreColumns.AddKind(annotations, "MulticlassClassification", valueKind, setId);
        return annotations;
    }

    private static SchemaShape.Column Shape(
        string name, SchemaShape.Column.VectorKind kind, DataViewType type, bool isKey, SchemaShape.Column[] more) =>
        new(name, kind, type, isKey, new SchemaShape([.. ScoreColumns.KindShapes, .. more]));
}
