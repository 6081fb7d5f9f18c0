namespace FocalMlNet.Bench;

/// <summary>How much memory something needs while it is done.</summary>
internal static class HeapWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// The most that lives on the managed heap, above what lived before, in bytes: garbage is collected again and again while the work is
    /// done, and what each collection leaves is taken. What is there and gone between two collections is not seen. The work takes longer
    /// by them.
    /// </summary>
    public static long Peak(long before, Action work)
    {
        var (peak, isOver) = (0L, false);
        var watch = new Thread(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                peak = Math.Max(peak, Live() - before);
                Thread.Sleep(Pause);
            }
        });
        watch.Start();
        try
        {
            work();
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            watch.Join();
        }

        return peak;
    }

    /// <summary>
    /// What lives, as the collector says it, with the other threads stopped: what they ask for meanwhile is not counted.
    /// </summary>
    public static long Live()
    {
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        var told = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return told.HeapSizeBytes - told.FragmentedBytes;
    }
}
