namespace FocalMlNet.Tool.Files;

/// <summary>Rows that are read, column by column: numbers as they are, text as codes.</summary>
internal sealed class TableReader
{
    private readonly FileProfile _file;
    private readonly bool _decimalComma;
    private readonly int[] _numbers;
    private readonly int[] _texts;
    private readonly List<float>[] _values;
    private readonly (List<int> Codes, List<string> Texts, Dictionary<string, int> Places)[] _codes;

    /// <param name="file">The file, for messages.</param>
    /// <param name="decimalComma">Whether numbers have a comma before their decimals.</param>
    /// <param name="numbers">Columns of numbers.</param>
    /// <param name="texts">Text columns.</param>
    public TableReader(FileProfile file, bool decimalComma, IEnumerable<int> numbers, IEnumerable<int> texts)
    {
        (_file, _decimalComma, _numbers, _texts) = (file, decimalComma, [.. numbers], [.. texts]);
        _values = [.. _numbers.Select(_ => new List<float>())];
        _codes = [.. _texts.Select(_ => (new List<int>(), new List<string>(), new Dictionary<string, int>(StringComparer.Ordinal)))];
    }

    /// <summary>Number of rows that were taken.</summary>
    public int Rows { get; private set; }

    /// <summary>Takes the row that the file is on.</summary>
    /// <returns>What is wrong with it, and then it is not taken; else null.</returns>
    public UserErrorException? Add(DelimitedFile row, Func<string, string>? ifText = null)
    {
        Span<float> numbers = _numbers.Length <= 256 ? stackalloc float[_numbers.Length] : new float[_numbers.Length];
        for (var k = 0; k < _numbers.Length; k++)
        {
            var cell = row[_numbers[k]];
            if (NumberCell.IsMissing(cell))
                numbers[k] = float.NaN;
            else if (!NumberCell.TryParse(cell, _decimalComma, out var number))
            {
                var name = _file.Columns[_numbers[k]].Name;
                return _file.Wrong(row.Line, name, cell, "is not a number like 1.5 or -2e3, but most are." + ifText?.Invoke(name));
            }
            else if (!NumberCell.IsInRange(cell, number))
            {
                return _file.Wrong(
                    row.Line, _file.Columns[_numbers[k]].Name, cell,
                    "is out of range: a number should be 0 or of a size from 1e-30 to 1e38.");
            }
            else
                numbers[k] = (float)number;
        }

        for (var k = 0; k < _numbers.Length; k++)
            _values[k].Add(numbers[k]);
        for (var k = 0; k < _texts.Length; k++)
        {
            var (codes, texts, places) = _codes[k];
            var cell = row[_texts[k]];
            if (!places.TryGetValue(cell, out var code))
            {
                places.Add(cell, code = texts.Count);
                texts.Add(cell);
            }

            codes.Add(code);
        }

        Rows++;
        return null;
    }

    /// <summary>Forgets the rows, to begin with others.</summary>
    public void Clear()
    {
        Rows = 0;
        Array.ForEach(_values, column => column.Clear());
        foreach (var (codes, texts, places) in _codes)
        {
            codes.Clear();
            texts.Clear();
            places.Clear();
        }
    }

    /// <summary>A column of numbers that was read, or a text column.</summary>
    public TableColumn Column(int column)
    {
        var k = Array.IndexOf(_numbers, column);
        return k < 0 ? Text(column)
            : new ValueColumn<float>(_file.Columns[column].Name, Microsoft.ML.Data.NumberDataViewType.Single, _values[k]);
    }

    /// <summary>A text column that was read. A column of numbers may be read as text, too.</summary>
    public TextColumn Text(int column)
    {
        var (codes, texts, _) = _codes[Array.IndexOf(_texts, column)];
        return new(_file.Columns[column].Name, texts, codes);
    }
}
