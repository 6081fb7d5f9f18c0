using System.Runtime.InteropServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Memory for the numbers of blocks that stay, in large pieces that the garbage collector does not move. What is given back in the end is
/// kept for a while, as far as it is not too much, for the next fit: new memory takes longer to touch for the first time than to fill. On
/// Linux the pieces are asked to be in large pages. That changes nothing but the time.
/// </summary>
internal sealed class BlockMemory
{
    private const int FewestNumbers = 1 << 16;
    private const int MostNumbers = 1 << 20;

    /// <summary>From linux/mman.h: large pages are worth it here.</summary>
    private const int HugePages = 14;
    private const int PageSize = 1 << 12;

    /// <summary>Numbers of one large page: less than these gain nothing.</summary>
    private const int FewestAdvised = 1 << 19;

    /// <summary>Bytes that are kept at most, and the share of the memory that there is.</summary>
    private const long MostSpareBytes = 1 << 28;
    private const int ShareSpare = 16;

    private static readonly TimeSpan TimeSpare = TimeSpan.FromSeconds(30);

    private static bool _isAdvised = OperatingSystem.IsLinux();

    private static readonly Lock SpareGate = new();

    /// <summary>Pieces that nobody uses.</summary>
    private static readonly List<float[]> Spare = [];

    /// <summary>Leaves them to the garbage collector when no fit has ended for a while.</summary>
    private static readonly Timer Release = MakeTimer();

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
                var most = Math.Min(MostSpareBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / ShareSpare);
                Spare.AddRange(_pieces);
                while (SpareBytes > most)
                    Spare.RemoveAt(0);
                Release.Change(TimeSpare, Timeout.InfiniteTimeSpan);
            }

            _pieces.Clear();
            (_piece, _used) = ([], 0);
        }
    }

    /// <summary>Bytes of memory that nobody uses and that the garbage collector cannot take.</summary>
    public static long SpareBytes
    {
        get
        {
            lock (SpareGate)
                return Spare.Sum(piece => sizeof(float) * (long)piece.Length);
        }
    }

    /// <summary>Leaves what nobody uses to the garbage collector.</summary>
    public static void ReleaseSpare()
    {
        lock (SpareGate)
            Spare.Clear();
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
            var at = Spare.FindLastIndex(piece => piece.Length == length);
            if (at < 0)
                return null;
            var found = Spare[at];
            Spare.RemoveAt(at);
            return found;
        }
    }

    private static Timer MakeTimer()
    {
        // It must not keep alive for ever what the thread of the first fit has at hand.
        using (ExecutionContext.SuppressFlow())
            return new(_ => ReleaseSpare());
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
