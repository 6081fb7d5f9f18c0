namespace FocalMlNet.Tool;

/// <summary>What the library says no to, such as rows of one class only, is something that the user can put right.</summary>
internal static class Refusal
{
    /// <summary>Whether an error is one of those by which the library, and ML.NET, say no to what they are given.</summary>
    public static bool Is(Exception error) => error is InvalidOperationException or ArgumentException;

    /// <summary>Does some work, of which a refusal is told with what was tried.</summary>
    /// <exception cref="UserErrorException">It was refused.</exception>
    public static void Told(string what, Action work) => Told(what, () =>
    {
        work();
        return true;
    });

    /// <summary>Does some work, of which a refusal is told with what was tried.</summary>
    /// <exception cref="UserErrorException">It was refused.</exception>
    public static T Told<T>(string what, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (Is(error))
        {
            throw new UserErrorException($"{what}: {error.Message}", error);
        }
    }
}
