// ModelConsumer MODEL ROWS: loads a saved model and scores rows, one a line: features separated by spaces, each the bits of a
// float in hexadecimal. Prints the bits of Score and Probability and the predicted label of each row; of a model of several classes the
// bits of all scores and the
// key of the predicted label.
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

var rows = File.ReadLines(args[1]).Select(line => new Row
{
    Features = [.. line.Split(' ')
        .Select(bits => BitConverter.UInt32BitsToSingle(uint.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))],
}).ToList();

var mlContext = new MLContext();
var model = mlContext.Model.Load(args[0], out _);
var definition = SchemaDefinition.Create(typeof(Row));
definition[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, rows[0].Features.Length);
var scored = model.Transform(mlContext.Data.LoadFromEnumerable(rows, definition));
if (scored.Schema["Score"].Type is VectorDataViewType)
{
    foreach (var row in mlContext.Data.CreateEnumerable<MulticlassScored>(scored, reuseRowObject: true))
        Console.WriteLine($"{string.Join(' ', row.Score.Select(Bits))} {row.PredictedLabel}");
}
else
{
    foreach (var row in mlContext.Data.CreateEnumerable<Scored>(scored, reuseRowObject: true))
        Console.WriteLine($"{Bits(row.Score)} {Bits(row.Probability)} {row.PredictedLabel}");
}

static string Bits(float number) => BitConverter.SingleToUInt32Bits(number).ToString("x8", CultureInfo.InvariantCulture);

foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
{
    if (assembly.GetName().Name!.StartsWith("FocalLoss", StringComparison.Ordinal))
        throw new InvalidOperationException($"{assembly} is loaded, so this proves nothing.");
}

internal sealed class Row
{
    public float[] Features { get; set; } = [];
}

internal sealed class Scored
{
    public float Score { get; set; }

    public float Probability { get; set; }

    public bool PredictedLabel { get; set; }
}

internal sealed class MulticlassScored
{
    public float[] Score { get; set; } = [];

    public uint PredictedLabel { get; set; }
}
