using System.Runtime.InteropServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Memory for the features of blocks that stay, in large pieces that the garbage collector does not move. What is given back in the end the
/// next fit finds, unless the collector has been quicker: new memory takes longer to touch for the first time than to fill. On Linux the
/// pieces are asked to be in large pages. That changes nothing but the time.
/// </summary>
internal sealed class BlockMemory
{
    private const int FewestNumbers = 1 << 16;
    private const int MostNumbers = 1 << 22;

    /// <summary>From linux/mman.h: large pages are worth it here.</summary>
    private const int HugePages = 14;
    private const int PageSize = 1 << 12;

    /// <summary>Numbers of one large page: less than these gain nothing.</summary>
    private const int FewestAdvised = 1 << 19;

    private static bool _isAdvised = OperatingSystem.IsLinux();

    private static readonly Lock SpareGate = new();

    /// <summary>Pieces that nobody uses. Nor does anybody keep them from the collector.</summary>
    private static readonly List<WeakReference<float[]>> Spare = [];

    private readonly Lock _gate = new();
    private readonly List<float[]> _pieces = [];
    private float[] _piece = [];
    private int _used;

    /// <summary>Room for so many numbers, which begin with any value. For several threads.</summary>
    public ArraySegment<float> Take(int length)
    {
        lock (_gate)
        {
            if (length > _piece.Length - _used)
            {
                // Twice as much each time: little is asked for in vain, however little is needed.
                var next = Math.Max(length, Math.Clamp(2 * _piece.Length, FewestNumbers, MostNumbers));
                (_piece, _used) = (Piece(next), 0);
            }

            _used += length;
            return new(_piece, _used - length, length);
        }
    }

    /// <summary>Gives the memory back. Nobody uses it any more: others will.</summary>
    public void Return()
    {
        lock (_gate)
        {
            lock (SpareGate)
            {
                Spare.RemoveAll(piece => !piece.TryGetTarget(out _));
                Spare.AddRange(_pieces.Select(piece => new WeakReference<float[]>(piece)));
            }

            _pieces.Clear();
            (_piece, _used) = ([], 0);
        }
    }

    private float[] Piece(int length)
    {
        var piece = SpareOf(length);
        if (piece is null)
        {
            piece = GC.AllocateUninitializedArray<float>(length, pinned: true);
            Advise(piece);
        }

        _pieces.Add(piece);
        return piece;
    }

    private static float[]? SpareOf(int length)
    {
        lock (SpareGate)
        {
            for (var at = Spare.Count - 1; at >= 0; at--)
            {
                if (!Spare[at].TryGetTarget(out var piece) || piece.Length != length)
                    continue;
                Spare.RemoveAt(at);
                return piece;
            }
        }

        return null;
    }

    private static void Advise(float[] piece)
    {
        if (!_isAdvised || piece.Length < FewestAdvised)
            return;
        var start = (Marshal.UnsafeAddrOfPinnedArrayElement(piece, 0) + PageSize - 1) / PageSize * PageSize;
        try
        {
            _ = AdviseMemory(start, ((nuint)piece.Length * sizeof(float)) - PageSize, HugePages);
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            _isAdvised = false;
        }
    }

    [DllImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int AdviseMemory(nint start, nuint length, int advice);
}
