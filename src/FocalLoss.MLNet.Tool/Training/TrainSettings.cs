namespace FocalMlNet.Tool.Training;

/// <summary>What <c>focal train</c> is asked for.</summary>
internal sealed record TrainSettings
{
    public const int UsualRank = 200;

    /// <summary>The table, with a header line.</summary>
    public required string File { get; init; }

    /// <summary>The column to predict.</summary>
    public required string Label { get; init; }

    /// <summary>Whether all classes of the label column are told apart, instead of one from the others.</summary>
    public bool IsMulticlass { get; init; }

    /// <summary>The value of <see cref="Label"/> that makes a row a positive; null for the rarer one of two.</summary>
    public string? Positive { get; init; }

    /// <summary>Columns that are text even if they look like numbers: codes without an order.</summary>
    public IReadOnlyList<string> Text { get; init; } = [];

    /// <summary>Columns that are not used.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Columns that are used although they look like identifiers or give the label away.</summary>
    public IReadOnlyList<string> Keep { get; init; } = [];

    /// <summary>The column whose values say which rows belong together; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>The column of times; null for none.</summary>
    public string? Time { get; init; }

    /// <summary>What decisions cost; null if nobody said so.</summary>
    public CostMatrix? Costs { get; init; }

    /// <summary>Lines only.</summary>
    public bool Quick { get; init; }

    /// <summary>Number of kernel features.</summary>
    public int Rank { get; init; } = UsualRank;

    /// <summary>Seed of the split and of everything random in training.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>The folder, or the model's file, that is written; null for a folder named after the data.</summary>
    public string? Out { get; init; }
}
