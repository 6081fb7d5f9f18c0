namespace FocalMlNet.Tool;

/// <summary>Names in a message, of which only the first are shown.</summary>
internal static class Listing
{
    public static string Of(IReadOnlyCollection<string> names, int most)
        => string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most:N0} more" : "");
}
