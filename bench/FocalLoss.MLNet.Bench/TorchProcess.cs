using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace FocalMlNet.Bench;

/// <summary>A Python with bench/torch_lbfgs.py, which waits for what to do.</summary>
internal sealed class TorchProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _points = Path.GetTempFileName();
    private int _columnCount;

    private TorchProcess(string style, string? blas)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("PYTHON") ?? "/usr/bin/python3")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add(Path.Combine(Results.RepositoryFolder(), "bench", "torch_lbfgs.py"));
        start.ArgumentList.Add(style);
        start.Environment["OMP_NUM_THREADS"] = "2";
        // Threads that spin while they wait fight with each other over the cores.
        start.Environment["OMP_WAIT_POLICY"] = "passive";
        if (blas is not null)
            start.Environment["LD_LIBRARY_PATH"] = blas;
        _process = Process.Start(start)!;
        Name = $"{Answer()}, {style}";
    }

    /// <summary>In which coordinates PyTorch may run.</summary>
    public static IReadOnlyList<string> Coordinates { get; } = ["given", "standardised"];

    /// <summary>Versions of PyTorch and of its BLAS, and the style.</summary>
    public string Name { get; }

    /// <summary>As one has it, and as fast as can be: if the variable TORCH_BLAS says where a better BLAS is, with that.</summary>
    public static IEnumerable<TorchProcess> StartAll()
    {
        yield return new TorchProcess("plain", null);
        yield return new TorchProcess("tuned", Environment.GetEnvironmentVariable("TORCH_BLAS") is { Length: > 0 } blas ? blas : null);
    }

    public void Load(string file, int rowCount, int columnCount, double l2, double start)
    {
        _columnCount = columnCount;
        Ask(string.Create(CultureInfo.InvariantCulture, $"load {file} {rowCount} {columnCount} {l2} {start}"));
    }

    /// <summary>Minimises until so many evaluations have been made; weights and bias of each.</summary>
    public (double Seconds, IEnumerable<float[]> Points) Run(string coordinates, int evaluations)
    {
        var answer = Ask(string.Create(CultureInfo.InvariantCulture, $"run {coordinates} {evaluations} {_points}")).Split(' ');
        return (double.Parse(answer[1], CultureInfo.InvariantCulture),
            MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(_points)).ToArray().Chunk(_columnCount + 1));
    }

    public void Dispose()
    {
        // Without more to do it ends.
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_points);
    }

    private string Ask(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        return Answer();
    }

    private string Answer() => _process.StandardOutput.ReadLine()
        ?? throw new InvalidOperationException("Python ended: what is above says why. It needs NumPy and PyTorch.");
}
