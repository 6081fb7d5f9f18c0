
using FocalMlNet;
using FocalMlNet.Splits;

namespace Microsoft.ML;

public static partial class FocalLossCatalog
{
    /// <summary>
    /// Splits data into two parts in which every class has the same share, to one row: a random split of few positives may leave one part
    /// with hardly any.
    /// </summary>
    /// <remarks>
    /// <para>
    /// The label and the sampling key are read once, at the time of the call; the views read their rows when a cursor is opened, in the
    /// data's order. The same seed gives the same parts. The data must give the same rows in the same order each time it is read: every
    /// reading of a part reads the labels of all rows too, and compares. Three bytes a row are kept.
    /// </para>
    /// <para>
    /// With a sampling key each part gets rows of every class if the groups allow that in any way, and of all such ways the one is taken
    /// with the least Σ over parts p and classes k of (n_pk / n_k - s_p)², where n_pk of the n_k rows of class k are in part p, whose share
    /// is s_p: a rare class counts as much as a frequent one. That is certain for few groups (17 in two parts, 11 in three, 8 in five); of
    /// more, no move of a group and no exchange of two would be better, but for so many different ones that not all can be compared. The
    /// seed decides among ways that are as good: where only one is, every seed gives that.
    /// </para>
    /// </remarks>
    /// <param name="catalog">The operations of <see cref="MLContext.Data"/>.</param>
    /// <param name="data">The data.</param>
    /// <param name="labelColumnName">Name of the label column: Boolean, a key or text.</param>
    /// <param name="testFraction">
    /// The share of each class that is for testing, in (0; 1). Each part gets at least one row of each class.
    /// </param>
    /// <param name="samplingKeyColumnName">
    /// Name of a scalar column of any type; rows with the same value stay in one part, and rows without one, too. The shares of the classes
    /// are then as equal as the groups allow, as the remarks say. Null, the default, for none.
    /// </param>
    /// <param name="seed">
    /// Which rows go where. Null, the default, is 0: the context's own seed cannot be seen from here.
    /// </param>
    /// <returns>The two parts.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or the fraction is outside its range.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// There are no rows, a label is missing, there is one class only, a class has too few rows or groups for a row in each part, or no way
    /// was found to deal groups out such that each part has all classes; the message says whether there is none. The data has copies of
    /// rows, as Oversample makes them: split first, and resample what is trained on.
    /// </exception>
    public static StratifiedSplit StratifiedTrainTestSplit(
        this DataOperationsCatalog catalog,
        IDataView data,
        string labelColumnName = "Label",
        double testFraction = .1,
        string? samplingKeyColumnName = null,
        int? seed = null)
        => StratifiedSplitter.TrainTest(data, labelColumnName, testFraction, samplingKeyColumnName, seed ?? 0);

    /// <summary>
    /// Splits data into folds in which every class has the same share, to one row. Each fold is for testing once, and the others for
    /// training then.
    /// </summary>
    /// <inheritdoc cref="StratifiedTrainTestSplit" path="/remarks"/>
    /// <param name="catalog">The operations of <see cref="MLContext.Data"/>.</param>
    /// <param name="data">The data.</param>
    /// <param name="labelColumnName">Name of the label column: Boolean, a key or text.</param>
    /// <param name="numberOfFolds">From 2 to 65,536, and no more than there are rows of the rarest class.</param>
    /// <param name="samplingKeyColumnName">
    /// Name of a scalar column of any type; rows with the same value stay in one fold, and rows without one, too. The shares of the classes
    /// are then as equal as the groups allow, as the remarks say. Null, the default, for none.
    /// </param>
    /// <param name="seed">
    /// Which rows go where. Null, the default, is 0: the context's own seed cannot be seen from here.
    /// </param>
    /// <returns>A training and a test part for each fold.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A column is missing or of the wrong type, or the number of folds is outside its range.
    /// </exception>
    /// <inheritdoc cref="StratifiedTrainTestSplit" path="/exception[2]"/>
    public static IReadOnlyList<StratifiedSplit> StratifiedCrossValidationSplit(
        this DataOperationsCatalog catalog,
        IDataView data,
        string labelColumnName = "Label",
        int numberOfFolds = 5,
        string? samplingKeyColumnName = null,
        int? seed = null)
        => StratifiedSplitter.CrossValidation(data, null, labelColumnName, numberOfFolds, samplingKeyColumnName, seed ?? 0);
}
