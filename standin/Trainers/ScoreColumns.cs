namespace Microsoft.ML.Data;

/// <summary>The columns that binary classifiers add, and the checks of those they read.</summary>
internal static class ScoreColumns
{
    public const string PredictedLabel = "PredictedLabel";
    public const string Score = "Score";
    public const string Probability = "Probability";

    private static readonly KeyDataViewType SetIdType = new(typeof(uint), int.MaxValue);

    public static SchemaShape.Column[] KindShapes { get; } =
    [
        Scalar(AnnotationKinds.ScoreColumnSetId, NumberDataViewType.UInt32, true),
        Scalar(AnnotationKinds.ScoreColumnKind, TextDataViewType.Instance),
        Scalar(AnnotationKinds.ScoreValueKind, TextDataViewType.Instance),
    ];

    public static SchemaShape AddTo(SchemaShape input, bool calibrated) => calibrated
        ? input.With(Shape(Score, NumberDataViewType.Single), Shape(Probability, NumberDataViewType.Single), Shape(PredictedLabel, BooleanDataViewType.Instance))
        : input.With(Shape(Score, NumberDataViewType.Single), Shape(PredictedLabel, BooleanDataViewType.Instance));

    public static SchemaShape.Column Shape(string name, DataViewType type)
    {
        SchemaShape.Column[] annotations =
        [
            .. KindShapes,
            .. name == Probability ? [Scalar(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance)] : Array.Empty<SchemaShape.Column>(),
        ];
        return new SchemaShape.Column(name, SchemaShape.Column.VectorKind.Scalar, type, false, new SchemaShape(annotations));
    }

    public static bool IsScoreKind(string annotation) =>
        annotation is AnnotationKinds.ScoreColumnSetId or AnnotationKinds.ScoreColumnKind or AnnotationKinds.ScoreValueKind;

    public static DataViewSchema.DetachedColumn Make(string name, DataViewType type, uint setId)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        AddKind(annotations, "BinaryClassification", name, setId);
        if (name == Probability)
            annotations.AddPrimitiveValue(AnnotationKinds.IsNormalized, BooleanDataViewType.Instance, true);
        return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
    }

    public static void AddKind(DataViewSchema.Annotations.Builder annotations, string columnKind, string valueKind, uint setId)
    {
        annotations.AddPrimitiveValue(AnnotationKinds.ScoreColumnKind, TextDataViewType.Instance, columnKind.AsMemory());
        annotations.AddPrimitiveValue(AnnotationKinds.ScoreValueKind, TextDataViewType.Instance, valueKind.AsMemory());
        annotations.AddPrimitiveValue(AnnotationKinds.ScoreColumnSetId, SetIdType, setId);
    }

    /// <summary>A number for the columns of one model, above those that the schema has.</summary>
    public static uint NextSetId(DataViewSchema schema)
    {
        uint last = 0;
        foreach (var column in schema)
        {
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationKinds.ScoreColumnSetId)?.Type is KeyDataViewType { RawType: var raw } && raw == typeof(uint))
            {
                uint id = 0;
                column.Annotations.GetValue(AnnotationKinds.ScoreColumnSetId, ref id);
                last = Math.Max(last, id);
            }
        }

        return last + 1;
    }

    /// <summary>A named scalar column must be there and have the type; no name, no check.</summary>
    public static void Check(SchemaShape input, string name, string role, DataViewType type)
    {
        if (name != null)
            Check(input, Scalar(name, type), role);
    }

    public static void Check(SchemaShape input, SchemaShape.Column wanted, string role)
    {
        if (wanted.Name == null)
            return;
        if (!input.TryFindColumn(wanted.Name, out var found))
            throw Errors.NoColumn(wanted.Name, role);
        if (!wanted.IsCompatibleWith(found))
            throw Errors.Mismatch(role, wanted.Name, wanted.TypeText(), found.TypeText());
    }

    private static SchemaShape.Column Scalar(string name, DataViewType type, bool isKey = false) =>
        new(name, SchemaShape.Column.VectorKind.Scalar, type, isKey);
}
