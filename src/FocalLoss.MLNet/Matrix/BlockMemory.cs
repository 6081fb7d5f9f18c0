using System.Buffers;
using System.Runtime.InteropServices;

namespace FocalMlNet.Matrix;

/// <summary>
/// Memory for the features of blocks that stay, in large pieces. If it is given back in the end, the first ones are of the shared pool: what
/// is new takes longer to touch for the first time than to fill, and the next fit finds it there. On Linux the pieces are asked to be in
/// large pages. That changes nothing but the time.
/// </summary>
internal sealed class BlockMemory
{
    private const int FewestNumbers = 1 << 16;
    private const int MostNumbers = 1 << 22;

    /// <summary>
    /// Numbers from the pool at most, 256 MiB: it keeps what it has had back for minutes, and longer where there is memory enough.
    /// </summary>
    private const int MostPooled = 1 << 26;

    /// <summary>From linux/mman.h: large pages are worth it here.</summary>
    private const int HugePages = 14;
    private const int PageSize = 1 << 12;

    /// <summary>Numbers of one large page: less than these gain nothing.</summary>
    private const int FewestAdvised = 1 << 19;

    private static bool _isAdvised = OperatingSystem.IsLinux();

    /// <summary>Whether <see cref="Return"/> will be called.</summary>
    public bool IsReturned { get; set; }

    private readonly Lock _gate = new();
    private readonly List<float[]> _pooled = [];
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
            foreach (var piece in _pooled)
                ArrayPool<float>.Shared.Return(piece);
            _pooled.Clear();
            (_piece, _used) = ([], 0);
        }
    }

    private float[] Piece(int length)
    {
        // The pool has powers of 2 only: too much for one that is larger.
        var isPooled = IsReturned && length <= MostNumbers && _pooled.Sum(own => own.Length) <= MostPooled - length;
        var piece = isPooled ? ArrayPool<float>.Shared.Rent(length) : GC.AllocateUninitializedArray<float>(length, pinned: true);
        if (isPooled)
            _pooled.Add(piece);
        Advise(piece);
        return piece;
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
