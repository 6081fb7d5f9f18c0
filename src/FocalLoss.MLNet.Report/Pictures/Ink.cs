using OxyPlot;

namespace FocalMlNet.Report;

/// <summary>
/// What is drawn says what it is and not which colour it has: the page has light and dark colours, a file has those of paper. While OxyPlot
/// draws, a role stands as a colour that nothing else has.
/// </summary>
internal static class Ink
{
    public static readonly OxyColor Text = Of(Role.Text);
    public static readonly OxyColor Soft = Of(Role.Soft);
    public static readonly OxyColor Grid = Of(Role.Grid);
    public static readonly OxyColor Axis = Of(Role.Axis);
    public static readonly OxyColor Positive = Of(Role.Positive);
    public static readonly OxyColor Negative = Of(Role.Negative);
    private const byte Sign = 77;

    /// <summary>The place of a model is one byte of its colour.</summary>
    public const int MostModels = 256;

    /// <summary>Colours that people who see red and green alike can tell apart, on paper each at 4.5 : 1 or more.</summary>
    private static readonly string[] Colours =
        ["#0072b2", "#b9470a", "#00755a", "#a03d83", "#7d5c00", "#5b4ea8", "#a3333d", "#4c691c"];

    public enum Role : byte
    {
        Text = 1, Soft, Grid, Axis, Positive, Negative, Line, Band, Whisker, Shade,
    }

    /// <summary>How many colours there are; more models than these share them, with other dashes.</summary>
    public static int ColourCount => Colours.Length;

    /// <summary>The line of a model.</summary>
    public static OxyColor Line(int model) => Of(Role.Line, model);

    /// <summary>The band around the line of a model.</summary>
    public static OxyColor Band(int model) => Of(Role.Band, model);

    /// <summary>An interval of a point of a model.</summary>
    public static OxyColor Whisker(int model) => Of(Role.Whisker, model);

    /// <summary>A colour of the series that belongs to no model.</summary>
    public static OxyColor Shade(int place) => Of(Role.Shade, place);

    /// <summary>The role and the place of what OxyPlot wrote as a colour, or null if it is none of ours.</summary>
    public static (Role Role, int Place)? Read(string colour)
        => colour.StartsWith("rgb(", StringComparison.Ordinal) && colour[4..^1].Split(',') is [var role, var place, var sign]
            && byte.Parse(sign, null) == Sign ? ((Role)byte.Parse(role, null), byte.Parse(place, null)) : null;

    /// <summary>The classes in the page, whose style sheet has the colours.</summary>
    public static string Class(Role role, int place, string attribute) => role switch
    {
        Role.Line => $"{attribute}-model c{place % ColourCount} m{place}",
        Role.Band => $"band c{place % ColourCount} m{place}",
        Role.Whisker => $"whisker {attribute}-model c{place % ColourCount} m{place}",
        Role.Shade => $"{attribute}-model c{place % ColourCount}",
        _ => $"{attribute}-{role.ToString().ToLowerInvariant()}",
    };

    /// <summary>The colour on paper.</summary>
    public static string Colour(Role role, int place) => role switch
    {
        Role.Text => "#1b1f24",
        Role.Soft => "#57606a",
        Role.Grid => "#e1e4e8",
        Role.Axis => "#57606a",
        Role.Positive => Colours[1],
        Role.Negative => "#5c7080",
        _ => Colours[place % Colours.Length],
    };

    private static OxyColor Of(Role role, int place = 0) => OxyColor.FromRgb((byte)role, checked((byte)place), Sign);
}
