using FocalMlNet.Tool.Files;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Scoring;

/// <summary>Which columns of a file go into a model.</summary>
internal sealed record ModelInput(FileProfile File, IReadOnlyList<int> Numbers, IReadOnlyList<int> Texts, bool DecimalComma)
{
    /// <summary>Checks that the columns of a file are of the kind that a model was trained with.</summary>
    /// <exception cref="UserErrorException">One is not.</exception>
    public static ModelInput Of(FileProfile file, IReadOnlyList<DataViewSchema.Column> needed, string model)
    {
        int[] numbers = [.. Places(needed.Where(c => c.Type is NumberDataViewType))];
        int[] texts = [.. Places(needed.Where(c => c.Type is TextDataViewType))];
        var decimalComma = file.HasDecimalComma(numbers);
        foreach (var column in numbers.Select(j => file.Columns[j]).Where(c => c.Cells > 0))
        {
            file.CheckCommas(column, decimalComma, "");
            if (column.IsNumber(decimalComma))
                continue;
            var (line, cell) = column.FirstOther!.Value;
            throw file.Wrong(
                line, column.Name, cell,
                $"is not a number, and most cells are not, but the model '{model}' was trained with numbers there.");
        }

        return new(file, numbers, texts, decimalComma);

        IEnumerable<int> Places(IEnumerable<DataViewSchema.Column> columns)
            => columns.Select(c => DelimitedFile.IndexOf(file.Names, c.Name, "", file.Path));
    }

    /// <summary>A reader of these columns.</summary>
    public TableReader Reader() => new(File, DecimalComma, Numbers, Texts);

    /// <summary>What was read, as the model sees it.</summary>
    public IReadOnlyList<TableColumn> Columns(TableReader reader) => [.. Numbers.Concat(Texts).Order().Select(reader.Column)];
}
