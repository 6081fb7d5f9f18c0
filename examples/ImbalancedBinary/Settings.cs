namespace ImbalancedBinary;

/// <summary>What the user asked for.</summary>
internal sealed record Settings
{
    /// <summary>The task of telling one class from all others.</summary>
    public const string Binary = "binary";

    /// <summary>The task of telling all classes apart.</summary>
    public const string Multiclass = "multiclass";

    /// <summary><see cref="Binary"/> or <see cref="Multiclass"/>.</summary>
    public required string Task { get; init; }

    /// <summary>The table to read, with a header line.</summary>
    public required string DataFile { get; init; }

    /// <summary>The column to predict.</summary>
    public required string Label { get; init; }

    /// <summary>The value of <see cref="Label"/> that makes a row a positive.</summary>
    public required string Positive { get; init; }

    /// <summary>Columns that are text even if they look like numbers: codes without an order.</summary>
    public required IReadOnlyCollection<string> TextColumns { get; init; }

    /// <summary>Columns that are not used: identifiers, dates, what would give the label away.</summary>
    public required IReadOnlyCollection<string> IgnoredColumns { get; init; }

    /// <summary>Seed of the split and of everything random in training.</summary>
    public required int Seed { get; init; }

    /// <summary>Number of kernel features.</summary>
    public required int Rank { get; init; }

    /// <summary>Where the best model goes.</summary>
    public required string Output { get; init; }

    /// <summary>Finds data/shuttle.csv in the current folder, in that of the program, or in one above either.</summary>
    public static string FindShuttle()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var file = Path.Combine(folder.FullName, "data", "shuttle.csv");
                if (File.Exists(file))
                    return start == AppContext.BaseDirectory ? file : Path.GetRelativePath(start, file);
            }
        }

        throw new UserErrorException(
            $"data/shuttle.csv is neither in '{Directory.GetCurrentDirectory()}' nor in a folder above it: name your own file with "
                + "--data, --label and --positive.");
    }
}
