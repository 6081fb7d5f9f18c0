// Compares focal loss with logistic regression on a table whose positives are rare: --help says how to use it on your own file.
using ImbalancedBinary;

return CommandLine.Run(args, settings =>
{
    OutputFile.Check(settings.Output, settings.DataFile);
    if (settings.Task == Settings.Multiclass)
    {
        MulticlassExampleRun.Run(settings);
        return;
    }

    var data = Dataset.From(DelimitedText.Read(settings.DataFile), settings);
    var (train, test) = data.Split(testFraction: .2, settings.Seed);

    var terminal = new Terminal();
    var report = new Report(terminal);
    report.Data(data, train, test);

    var comparison = new Comparison(data, train, test, settings.Seed);
    var outcomes = new List<Outcome>();
    foreach (var features in FeatureSet.All(settings.Rank))
    {
        var table = terminal.Work(
            $"Fitting {comparison.TrainerCount} trainers on the {features.Name}", comparison.TrainerCount, step
            => comparison.Run(features, step));
        report.Table(features, table);
        outcomes.AddRange(table);
    }

    report.Footnotes(outcomes, test);
    report.Conclusion(Conclusion.From(outcomes));

    var best = Conclusion.Best(outcomes);
    var saved = SavedModel.Write(best, data, settings.Output);
    report.Saved(best, saved.FilePath, saved.ScoreAgain(test, best));
});
