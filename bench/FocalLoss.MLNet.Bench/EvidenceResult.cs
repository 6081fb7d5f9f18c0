using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace FocalMlNet.Bench;

/// <summary>What a contestant got on a held-out half: a line of a file of results.</summary>
/// <param name="Half">The half that was held out: 0 and 1 of the first repeat, 2 and 3 of the second.</param>
/// <param name="Contestant">Its place in <see cref="EvidenceContest.Names"/>.</param>
/// <param name="AveragePrecision">Average precision.</param>
/// <param name="LogLoss">In nats.</param>
/// <param name="Brier">The Brier score.</param>
/// <param name="Profit">Per 1,000 rows, at <see cref="Costs"/>.</param>
/// <param name="Seconds">Of the training.</param>
/// <param name="Taken">What a tuning took.</param>
internal sealed record EvidenceResult(
    int Half, int Contestant, double AveragePrecision, double LogLoss, double Brier, double Profit, double Seconds, string Taken)
{
    public const string Head = "half;contestant;average precision;log-loss;Brier score;profit per 1,000 rows;seconds;taken";

    /// <summary>A positive that is missed costs as much as 20 false alerts.</summary>
    public static CostMatrix Costs { get; } = CostMatrix.OfMissCost(20);

    /// <summary>Judges a model.</summary>
    public static EvidenceResult Of(int half, int contestant, MLContext mlContext, IDataView scored, double seconds, string taken)
    {
        var metrics = mlContext.BinaryClassification.EvaluateImbalanced(scored, options: new EvaluationOptions { NumberOfThreads = 1 });
        bool[] labels = [.. scored.GetColumn<bool>("Label")];
        float[] probabilities = [.. scored.GetColumn<float>("Probability")];
        // By what the probabilities say, whatever threshold the model has.
        var gained = labels.Zip(probabilities, (label, p) => (label, p > Costs.BayesThreshold) switch
        {
            (true, true) => Costs.TruePositive,
            (true, false) => Costs.FalseNegative,
            (false, true) => Costs.FalsePositive,
            _ => Costs.TrueNegative,
        });
        return new(
            half, contestant, metrics.AveragePrecision, metrics.LogLoss, metrics.BrierScore, 1000 * gained.Average(), seconds, taken);
    }

    /// <summary>The result that a line of a file tells of.</summary>
    public static EvidenceResult Parse(string line)
    {
        static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
        var cells = line.Split(';');
        return new(
            int.Parse(cells[0], CultureInfo.InvariantCulture), Array.IndexOf(EvidenceContest.Names, cells[1]), Number(cells[2]),
            Number(cells[3]), Number(cells[4]), Number(cells[5]), Number(cells[6]), cells[7]);
    }

    /// <summary>A line of a file.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Half};{EvidenceContest.Names[Contestant]};{AveragePrecision:g6};{LogLoss:g6};{Brier:g6};{Profit:g6};{Seconds:g3};{Taken}");
}
