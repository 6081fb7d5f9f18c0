using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Files;

/// <summary>A column of a <see cref="TableView"/> in memory.</summary>
internal abstract record TableColumn(string Name, DataViewType Type)
{
    /// <summary>Names that a model gives to columns of its own.</summary>
    public static readonly string[] OfModels = ["Score", "Probability", "PredictedLabel"];

    /// <summary>What else the column says of itself.</summary>
    public DataViewSchema.Annotations? Annotations { get; init; }

    /// <summary>Number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>A getter at the row that a cursor is on.</summary>
    public abstract Delegate Getter(Func<int> row);

    /// <summary>A name like this one that is none of some others and none that a model adds.</summary>
    public static string Free(string name, IReadOnlyCollection<string> others)
    {
        while (others.Contains(name, StringComparer.Ordinal) || OfModels.Contains(name, StringComparer.Ordinal))
            name += "_";
        return name;
    }
}

/// <summary>Values of a type that ML.NET knows.</summary>
internal sealed record ValueColumn<T>(string Name, DataViewType Type, IReadOnlyList<T> Values) : TableColumn(Name, Type)
{
    public override int Count => Values.Count;

    public override Delegate Getter(Func<int> row) => (ValueGetter<T>)((ref T value) => value = Values[row()]);
}

/// <summary>Texts, each different one once, and which of them a row has.</summary>
internal sealed record TextColumn(string Name, IReadOnlyList<string> Texts, IReadOnlyList<int> Codes)
    : TableColumn(Name, TextDataViewType.Instance)
{
    public override int Count => Codes.Count;

    public override Delegate Getter(Func<int> row)
        => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = Texts[Codes[row()]].AsMemory());
}
