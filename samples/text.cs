// Which customers are about to leave? Words and pairs of words, weighed by TF-IDF, and which of them give it away.
//     dotnet run samples/text.cs
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:property PublishAot=false

using FocalMlNet;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;

var mlContext = new MLContext(seed: 1);
var messages = mlContext.Data.Cache(mlContext.Data.LoadFromEnumerable(Message.Made(6000)));
var (train, test) = mlContext.Data.StratifiedTrainTestSplit(messages, testFraction: .3, seed: 1);

// A message has a dozen words of hundreds: the vector is sparse, and FocalSgd keeps it so. It wants no normaliser here.
var pipeline = mlContext.Transforms.Text.TokenizeIntoWords("Words", "Text")
    .Append(mlContext.Transforms.Conversion.MapValueToKey("Words"))
    .Append(mlContext.Transforms.Text.ProduceNgrams(
        "Features", "Words", ngramLength: 2, weighting: NgramExtractingEstimator.WeightingCriteria.TfIdf))
    .Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2));
var model = pipeline.Fit(train);
var scored = model.Transform(test);

var metrics = mlContext.BinaryClassification.EvaluateImbalanced(scored);
var leaving = (int)Math.Round(metrics.Prevalence * metrics.RowCount);
Console.WriteLine($"{metrics.RowCount} messages, {leaving} of customers who leave; AUPRC {metrics.AveragePrecision:F4}, "
    + $"that of a model that knows nothing {metrics.Prevalence:F4}");

// The office can call one customer in fifty back: which ones?
var choice = mlContext.BinaryClassification.ChooseThreshold(scored, ThresholdPolicy.AlertRate(.02));
var counts = choice.ConfusionCounts;
Console.WriteLine($"Of {counts.TruePositives + counts.FalsePositives} that are called back, {counts.TruePositives} would leave: "
    + $"{counts.Recall:P0} of all who do, with {counts.AlertRate:P2} of the calls");

// The model is linear: each word and each pair of words has a weight, and the features know their names.
VBuffer<ReadOnlyMemory<char>> names = default;
scored.Schema["Features"].GetSlotNames(ref names);
var weights = model.LastTransformer.Model.SubModel.Weights;
Console.WriteLine($"{names.Length} words and pairs. What gives it away: "
    + string.Join(", ", names.DenseValues().Zip(weights).OrderByDescending(term => term.Second).Take(4).Select(term => term.First)));

internal sealed class Message
{
    // Made up: who leaves speaks of it in one of these ways, and others use the same words, but seldom side by side.
    private static readonly string[] Farewells = ["cancel my contract", "switch to another provider", "end my subscription"];
    private static readonly string[] Everyday =
    [
        "i want to change my address", "i cannot cancel the order", "where is my contract", "the switch on the router is broken",
        "is there another tariff", "my subscription has a discount", "when does the sale end", "the invoice is wrong",
        "your app is slow", "i want to thank you", "the technician did not come", "i want to pay by card",
    ];

    public string Text { get; set; } = "";

    public bool Label { get; set; }

    public static IEnumerable<Message> Made(int count)
    {
        var random = new Random(1);
        string One(string[] sentences) => sentences[random.Next(sentences.Length)];
        for (var i = 0; i < count; i++)
        {
            var leaves = random.NextDouble() < .03;
            List<string> parts = [One(Everyday), One(Everyday), $"customer {random.Next(300)}"];
            // One in five leaves without a word, and some only threaten to.
            if (random.NextDouble() < (leaves ? .8 : .004))
                parts[random.Next(2)] = $"i want to {One(Farewells)}";
            yield return new Message { Text = string.Join(' ', parts), Label = leaves };
        }
    }
}
