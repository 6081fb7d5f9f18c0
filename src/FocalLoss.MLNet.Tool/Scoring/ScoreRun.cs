using System.Globalization;
using System.IO.Compression;
using System.Text;
using FocalMlNet.Tool.Files;
using FocalMlNet.Tool.Printing;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Tool.Scoring;

/// <summary>
/// <c>focal score</c>: the file again, row by row, with what the model says at the end of each. A row that cannot be scored keeps its
/// place, with empty cells.
/// </summary>
internal sealed class ScoreRun
{
    /// <summary>Rows in memory at a time.</summary>
    private const int BatchRows = 4096;

    private readonly SavedModel _model;
    private readonly ModelInput _input;
    private readonly Stream _output;
    private readonly List<byte[]> _rows = [];
    private readonly List<bool> _isScored = [];
    private readonly TableReader _reader;
    private readonly byte[] _delimiter;
    private long _unscored;
    private string? _firstWrong;

    private ScoreRun(SavedModel model, ModelInput input, Stream output)
    {
        (_model, _input, _output, _reader) = (model, input, output, input.Reader());
        _delimiter = Encoding.UTF8.GetBytes([input.File.Delimiter]);
    }

    public static void Run(string modelPath, string path, string? outPath, Terminal terminal)
    {
        using var files = new OutputFiles("--out");
        if (outPath is not null)
            files.Check(outPath, path, modelPath);
        var model = SavedModel.Load(modelPath);
        var profile = FileProfile.Read(path, countValues: false);
        var input = model.Match(profile);
        foreach (var added in Added(model).Where(a => profile.Names.Contains(a, StringComparer.Ordinal)))
            throw new UserErrorException($"'{path}' has a column '{added}' already, which is what the scores would be called: rename it.");

        ScoreRun run;
        if (outPath is null)
        {
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            run = new(model, input, output);
            run.All(path);
        }
        else
        {
            using (var file = File.Create(files.Begin(outPath), 1 << 16))
            using (var output = outPath.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file)
            {
                run = new(model, input, output);
                run.All(path);
            }

            files.Commit();
        }

        var said = string.Create(CultureInfo.InvariantCulture, $"{profile.Rows - run._unscored:N0} of {profile.Rows:N0} rows scored.");
        if (run._firstWrong is not null)
            said += $" The others have empty cells; the first: {run._firstWrong}";
        if (outPath is null)
            terminal.Errors.WriteLine(said);
        else
            terminal.Line($"{said} {outPath}");
    }

    /// <summary>The names of the columns that a model adds.</summary>
    private static string[] Added(SavedModel model)
        => model.IsBinary && !model.HasProbability ? ["Score", "PredictedLabel"] : ["Probability", "PredictedLabel"];

    private void All(string path)
    {
        using var file = DelimitedFile.Open(path);
        Write(file.Raw, Added(_model));
        while (file.Read())
        {
            var error = _reader.Add(file);
            _rows.Add(file.Raw.ToArray());
            _isScored.Add(error is null);
            if (error is not null)
            {
                _unscored++;
                _firstWrong ??= error.Message;
            }

            if (_rows.Count == BatchRows)
                Batch();
        }

        Batch();
    }

    private void Batch()
    {
        var scored = _model.Transform(new TableView(_input.Columns(_reader), _reader.Rows));
        var score = scored.Schema[_model.HasProbability ? "Probability" : "Score"];
        var called = scored.Schema["PredictedLabel"];
        using var cursor = scored.GetRowCursor([score, called]);
        var number = _model.IsBinary ? cursor.GetGetter<float>(score) : MostProbable(cursor, score);
        var name = _model.IsBinary ? Decision(cursor, called) : null;
        for (var i = 0; i < _rows.Count; i++)
        {
            if (!_isScored[i])
            {
                Write(_rows[i], "", "");
                continue;
            }

            cursor.MoveNext();
            var value = 0f;
            number(ref value);
            if (float.IsNaN(value))
            {
                _unscored++;
                _firstWrong ??= "the model gives no number.";
                Write(_rows[i], "", "");
            }
            else
                Write(_rows[i], Text(value), name?.Invoke() ?? Quoted(_model.ClassNames[_best]));
        }

        _rows.Clear();
        _isScored.Clear();
        _reader.Clear();
    }

    private int _best;

    /// <summary>Of several classes the highest probability; which class has it is kept.</summary>
    private ValueGetter<float> MostProbable(DataViewRowCursor cursor, DataViewSchema.Column score)
    {
        var scores = cursor.GetGetter<VBuffer<float>>(score);
        VBuffer<float> buffer = default;
        return (ref float value) =>
        {
            scores(ref buffer);
            (value, _best) = (float.NegativeInfinity, 0);
            foreach (var (k, one) in buffer.Items(all: true))
            {
                if (one > value)
                    (value, _best) = (one, k);
            }

            if (float.IsNegativeInfinity(value))
                value = float.NaN;
        };
    }

    private static Func<string> Decision(DataViewRowCursor cursor, DataViewSchema.Column called)
    {
        var decision = cursor.GetGetter<bool>(called);
        return () =>
        {
            var value = false;
            decision(ref value);
            return value ? "True" : "False";
        };
    }

    private string Text(float value)
    {
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return _input.DecimalComma ? text.Replace('.', ',') : text;
    }

    /// <summary>A name as a cell: quoted where it needs to be.</summary>
    private string Quoted(string cell)
        => cell.AsSpan().IndexOfAny(['"', '\n', '\r', _input.File.Delimiter]) < 0 && cell.Trim().Length == cell.Length
            ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private void Write(ReadOnlySpan<byte> row, params ReadOnlySpan<string> cells)
    {
        _output.Write(row);
        foreach (var cell in cells)
        {
            _output.Write(_delimiter);
            _output.Write(Encoding.UTF8.GetBytes(cell));
        }

        _output.Write("\n"u8);
    }
}
