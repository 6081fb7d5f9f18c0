namespace FocalMlNet.Evaluation;

/// <summary>The area under the precision-recall curve as a sum of steps: average precision.</summary>
internal static class AveragePrecision
{
    /// <summary>Σ over distinct scores, from the highest, of the recall gained there times the precision there; all examples of a tie come at once.</summary>
    /// <param name="scores">Scores; they are sorted in place.</param>
    /// <param name="labels">Above 0 for the positive class; they are brought into the order of the scores.</param>
    /// <returns>In [0, 1]; NaN if there is no positive example.</returns>
    public static double Of(float[] scores, float[] labels)
    {
        Array.Sort(scores, labels);
        double positives = 0;
        foreach (var label in labels)
            positives += label > 0 ? 1 : 0;
        double hits = 0, sum = 0;
        for (var i = scores.Length - 1; i >= 0;)
        {
            var score = scores[i];
            double hitsHere = 0;
            // At least one step: NaN does not equal itself.
            do
            {
                hitsHere += labels[i] > 0 ? 1 : 0;
                i--;
            }
            while (i >= 0 && scores[i] == score);
            hits += hitsHere;
            sum += hitsHere * hits / (scores.Length - 1 - i);
        }

        return positives == 0 ? double.NaN : sum / positives;
    }
}
