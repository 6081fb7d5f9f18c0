using FocalMlNet;
using FocalMlNet.Splits;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Splits data by time: the newest rows are for testing, older ones for training. A random split trains on rows of the future, which a
    /// model in use never has: where anything changes with time, it promises too much.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Rows of the same time stay together: the border is put where the time changes, as near to the wanted place as can be, and if two are
    /// as near, at the older. The data need not be sorted, and the parts have their rows in its order. The time column, and the label
    /// column if one is named, are read once, at the time of the call; the views read their rows when a cursor is opened. The data must
    /// give the same rows in the same order each time it is read: every reading of a part reads the times of all rows too, and compares.
    /// Three bytes a row are kept.
    /// </para>
    /// <para>
    /// Where a label is known only some time after the row, as that of a payment which is disputed within 90 days, or features look back, a
    /// gap keeps rows out of training that were not known yet when testing begins. They are in neither part.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The operations of <see cref="MLContext.Data"/>.</param>
    /// <param name="data">The data.</param>
    /// <param name="timeColumnName">
    /// Name of the column that says when a row was: DateTime (compared as it is written, whatever its Kind), DateTimeOffset, TimeSpan or
    /// any number, such as a year or Unix seconds.
    /// </param>
    /// <param name="testFraction">The share of the rows that is for testing, in (0; 1). Each part gets at least one row.</param>
    /// <param name="gap">
    /// In the unit of the column: a <see cref="TimeSpan"/> for times, a number for numbers. A row is trained on if its time plus the gap is
    /// before the first time of the test part: with days as whole numbers, a gap of 1 leaves one day out. The default is none.
    /// </param>
    /// <param name="labelColumnName">
    /// Name of a label column, Boolean, a key or text: then it is an error if the training or the test part has one class only. Null, the
    /// default: nothing is looked at but the time, and a part may turn out to have one class, which trainers and evaluations refuse.
    /// </param>
    /// <returns>The two parts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or the fraction is outside its range.
    /// </exception>
    /// <exception cref="ArgumentException">The gap is a number and the column holds times, or the other way round.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows; a time is missing (NaN, ±∞, or the first moment of the year 1, as which ML.NET reads an empty DateTime); all have
    /// the same time; the gap leaves no row to train on; a label was named and is missing in a row or has one value only in a part. The
    /// data has copies of rows, as Oversample makes them: split first, and resample what is trained on.
    /// </exception>
    public static TimeOrderedSplit TimeOrderedTrainTestSplit(
        this DataOperationsCatalog catalog,
        IDataView data,
        string timeColumnName,
        double testFraction = .1,
        TimeGap gap = default,
        string? labelColumnName = null)
        => TimeOrderedSplitter.TrainTest(data, timeColumnName, testFraction, gap, labelColumnName);

    /// <summary>
    /// Splits data by time into one part more than there are folds. Each part but the oldest is for testing once, and what is older than it
    /// for training then: the training parts grow, as those of scikit-learn's TimeSeriesSplit. No fold trains on rows of its future.
    /// </summary>
    /// <inheritdoc cref="TimeOrderedTrainTestSplit" path="/remarks"/>
    /// <param name="catalog">The operations of <see cref="MLContext.Data"/>.</param>
    /// <param name="data">The data.</param>
    /// <param name="timeColumnName">
    /// Name of the column that says when a row was: DateTime (compared as it is written, whatever its Kind), DateTimeOffset, TimeSpan or
    /// any number, such as a year or Unix seconds.
    /// </param>
    /// <param name="numberOfFolds">From 2 to 32,767. There have to be more different times than folds.</param>
    /// <param name="gap">
    /// In the unit of the column: a <see cref="TimeSpan"/> for times, a number for numbers. A row is trained on if its time plus the gap is
    /// before the first time of the fold's test part. The default is none.
    /// </param>
    /// <param name="equalTimeSpans">
    /// False, the default: the n rows are cut into test parts of ⌊n / (folds + 1)⌋ rows each, and the oldest part has what is left, all of
    /// them as nearly as rows of the same time, which stay together, allow. True: all parts are of the same length in time, and each needs
    /// a row.
    /// </param>
    /// <param name="slidingWindow">
    /// False, the default: a fold trains on all that is older than its test part. True: on the part just before it alone, less the gap, for
    /// data whose past is worth little.
    /// </param>
    /// <param name="labelColumnName">
    /// Name of a label column, Boolean, a key or text: then it is an error if the training or the test part of a fold has one class only.
    /// Null, the default: nothing is looked at but the time, and a part may turn out to have one class, which trainers and evaluations
    /// refuse.
    /// </param>
    /// <returns>A training and a test part for each fold, from the oldest.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or the number of folds is outside its range.
    /// </exception>
    /// <inheritdoc cref="TimeOrderedTrainTestSplit" path="/exception[2]"/>
    /// <exception cref="InvalidOperationException">
    /// There are no rows; a time is missing (NaN, ±∞, or the first moment of the year 1, as which ML.NET reads an empty DateTime); there
    /// are no more different times than folds, or of parts of the same length one has no row; the gap leaves a fold no row to train on; a
    /// label was named and is missing in a row or has one value only in a part. The data has copies of rows, as Oversample makes them.
    /// </exception>
    public static IReadOnlyList<TimeOrderedSplit> TimeOrderedCrossValidationSplit(
        this DataOperationsCatalog catalog,
        IDataView data,
        string timeColumnName,
        int numberOfFolds = 5,
        TimeGap gap = default,
        bool equalTimeSpans = false,
        bool slidingWindow = false,
        string? labelColumnName = null)
        => TimeOrderedSplitter.CrossValidation(
            data, timeColumnName, numberOfFolds, gap, equalTimeSpans, slidingWindow, labelColumnName);
}
