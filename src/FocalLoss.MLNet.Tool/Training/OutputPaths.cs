namespace FocalMlNet.Tool.Training;

/// <summary>Where <c>focal train</c> puts what it makes.</summary>
internal sealed record OutputPaths(string Model, string Onnx, string Page)
{
    /// <summary>
    /// A folder, or the model's file if the name ends with .zip: then the others stand beside it. Nothing said: a folder named after the
    /// data, in the current one.
    /// </summary>
    public static OutputPaths Of(string? given, string dataFile)
    {
        if (given is not null && given.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            return new(given, Path.ChangeExtension(given, ".onnx"), Path.ChangeExtension(given, ".html"));
        var name = Path.GetFileName(dataFile);
        foreach (var end in new[] { ".gz", ".csv", ".tsv", ".txt" })
            name = name.EndsWith(end, StringComparison.OrdinalIgnoreCase) && name.Length > end.Length ? name[..^end.Length] : name;
        var folder = given ?? name + "-model";
        return new(Path.Combine(folder, "model.zip"), Path.Combine(folder, "model.onnx"), Path.Combine(folder, "report.html"));
    }

    /// <summary>The ONNX file of another model than the chosen one, under a name that says so.</summary>
    public string OtherOnnx(string kind)
        => Path.Combine(Path.GetDirectoryName(Onnx) ?? "", $"{Path.GetFileNameWithoutExtension(Onnx)}-{kind}.onnx");
}
