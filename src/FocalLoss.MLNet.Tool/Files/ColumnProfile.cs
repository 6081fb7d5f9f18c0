namespace FocalMlNet.Tool.Files;

/// <summary>What the cells of a column look like, gathered in one pass.</summary>
internal sealed class ColumnProfile(string name)
{
    /// <summary>Different values that are remembered at most; beyond, the share of different ones is that of the rows until then.</summary>
    private const int MostDistinct = 20_000;

    private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);
    private long _rows;
    private long _rowsCounted;
    private long _numbers;
    private long _withComma;
    private long _decimalCommas;
    private bool _hasPoint;
    private bool _hasCertainComma;
    private bool _integers = true;
    private long _upwards;
    private double _last = double.NaN;

    public string Name { get; } = name;

    /// <summary>Cells that do not stand for an unknown number.</summary>
    public long Cells { get; private set; }

    /// <summary>Cells that do.</summary>
    public long Missing => _rows - Cells;

    /// <summary>Rows in which the cell is empty.</summary>
    public long Empty { get; private set; }

    /// <summary>The first cell with a comma in a number, and its line.</summary>
    public (long Line, string Cell)? FirstComma { get; private set; }

    /// <summary>The first cell that is neither a number nor missing, and its line.</summary>
    public (long Line, string Cell)? FirstOther { get; private set; }

    /// <summary>The different values that are not empty, with their counts, or the first of them if there are very many.</summary>
    public IReadOnlyDictionary<string, long> Values => _values;

    private bool HasMoreValues => _rowsCounted < _rows && _values.Count >= MostDistinct;

    /// <summary>How many different values there are, for messages.</summary>
    public string ValueCount => HasMoreValues ? $"more than {_values.Count}" : $"{_values.Count}";

    /// <summary>Whether at least half of the cells that are not missing are numbers.</summary>
    public bool IsNumber(bool decimalComma) => Cells > 0 && 2 * (_numbers + (decimalComma ? _decimalCommas : 0)) >= Cells;

    /// <summary>Whether it would be a column of numbers but for commas in them.</summary>
    public bool HasNumbersWithComma => _withComma > 0 && 2 * (_numbers + _withComma) >= Cells;

    /// <summary>Whether its numbers have points.</summary>
    public bool HasPoint => _hasPoint;

    /// <summary>Whether all commas in its numbers can be those before decimals.</summary>
    public bool HasOnlyDecimalCommas => _withComma == _decimalCommas && !_hasPoint;

    /// <summary>Whether one of them cannot be a comma between thousands.</summary>
    public bool HasCertainDecimalComma => _hasCertainComma;

    /// <summary>Whether nearly every row has a value of its own, and it is text or whole numbers in order.</summary>
    public bool IsIdentifier(bool isNumber)
    {
        const int FewestRows = 20;
        return Cells >= FewestRows && _values.Count >= .95 * (_rowsCounted - Empty)
            && (!isNumber || (_integers && _upwards >= .95 * (Cells - 1)));
    }

    /// <summary>Takes a cell.</summary>
    public void Add(string cell, long line, bool countValues)
    {
        _rows++;
        if (cell.Length == 0)
            Empty++;
        if (countValues)
            Count(cell);
        if (NumberCell.IsMissing(cell))
            return;
        Cells++;
        if (NumberCell.TryParse(cell, decimalComma: false, out var number))
        {
            _numbers++;
            _hasPoint |= cell.Contains('.');
            _integers &= number == Math.Floor(number);
            if (number > _last)
                _upwards++;
            _last = number;
            return;
        }

        FirstOther ??= (line, cell);
        if (!NumberCell.HasComma(cell))
            return;
        _withComma++;
        FirstComma ??= (line, cell);
        _integers = false;
        if (!NumberCell.IsDecimalComma(cell))
            return;
        _decimalCommas++;
        _hasCertainComma |= !NumberCell.MayBeThousands(cell);
    }

    private void Count(string cell)
    {
        if (_values.Count >= MostDistinct && !_values.ContainsKey(cell))
            return;
        if (_values.Count < MostDistinct)
            _rowsCounted++;
        if (cell.Length > 0)
            _values[cell] = _values.GetValueOrDefault(cell) + 1;
    }
}
