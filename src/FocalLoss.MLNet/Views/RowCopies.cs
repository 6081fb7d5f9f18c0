
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Views;

/// <summary>
/// A mark of views that hold copies of rows: rows must not be held out of them, or copies would judge copies. It is an annotation of every
/// column, so that it goes wherever one of the columns goes, through caches, filters, splits, transformers and binary files, and also if it
/// is hidden by another of its name. Text files and objects lose it, and columns that are computed.
/// </summary>
internal static class RowCopies
{
    private const string Annotation = "FocalMlNet.RowCopies";

    /// <summary>The schema with the mark.</summary>
    public static DataViewSchema Mark(DataViewSchema schema)
    {
        var builder = new DataViewSchema.Builder();
        foreach (var column in schema)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(column.Annotations, name => !string.Equals(name, Annotation, StringComparison.Ordinal));
            annotations.Add(Annotation, BooleanDataViewType.Instance, (ref bool value) => value = true);
            builder.AddColumn(column.Name, column.Type, annotations.ToAnnotations());
        }

        return builder.ToSchema();
    }

    /// <summary>Says no to data with copies of rows.</summary>
    /// <param name="data">The data.</param>
    /// <param name="what">What cannot be done with it, why, and what can be done instead.</param>
    /// <exception cref="InvalidOperationException">The data has copies of rows.</exception>
    public static void Refuse(IDataView data, string what)
    {
        IEnumerable<IDataView> views = (data as AppendedRowsView)?.Sources ?? [data];
        if (views.SelectMany(view => view.Schema).Any(column => column.Annotations.Schema.GetColumnOrNull(Annotation) is not null))
            throw new InvalidOperationException($"Data with copies of rows, as Oversample makes it, cannot {what}.");
    }
}
