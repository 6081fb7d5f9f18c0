using System.Runtime.ExceptionServices;

namespace FocalMlNet;

/// <summary>
/// A parallel loop whose errors reach the caller as they were thrown: what data can cause is told in one message, not in an
/// <see cref="AggregateException"/> around several that say the same.
/// </summary>
internal static class ParallelLoop
{
    /// <summary>Runs a body for each number from 0 on.</summary>
    /// <param name="count">How many numbers.</param>
    /// <param name="parallel">Threads and cancellation.</param>
    /// <param name="body">What is run.</param>
    /// <exception cref="OperationCanceledException">The loop, or one within it, was cancelled.</exception>
    public static void For(int count, ParallelOptions parallel, Action<int> body)
    {
        try
        {
            Parallel.For(0, count, parallel, body);
        }
        catch (AggregateException errors)
        {
            parallel.CancellationToken.ThrowIfCancellationRequested();
            // An error ends the other threads' loops.
            ExceptionDispatchInfo.Throw(errors.Flatten().InnerExceptions[0]);
        }
    }
}
