using FocalMlNet.Tool.Printing;
using Microsoft.ML;

namespace FocalMlNet.Tool.Training;

/// <summary>What differs between two classes and several.</summary>
internal interface ITraining
{
    /// <summary>The tuned model: from the columns of the file to a prediction.</summary>
    ITransformer Model { get; }

    /// <summary>What goes into the ONNX file.</summary>
    ITransformer Exported { get; }

    /// <summary>The columns that the ONNX graph gives.</summary>
    IReadOnlyList<string> ExportedColumns { get; }

    /// <summary>A word for what goes into the ONNX file if it is not <see cref="Model"/>, or null.</summary>
    string? OtherExport { get; }

    /// <summary>Writes the page.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="provenance">How it was made.</param>
    void WritePage(string path, IReadOnlyList<KeyValuePair<string, string>> provenance);

    /// <summary>Tunes on the rows that train, and compares on those that were held out.</summary>
    void Run(IDataView train, IDataView test, int folds, Terminal terminal);

    /// <summary>Prints what matters.</summary>
    void Print(Terminal terminal);
}
