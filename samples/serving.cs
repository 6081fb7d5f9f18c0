// A saved model behind a web API, for many requests at once.
//     dotnet run samples/serving.cs           serves until Ctrl-C, and says where
//     dotnet run samples/serving.cs -- --try  asks itself once and ends
#:sdk Microsoft.NET.Sdk.Web
#:project ../src/FocalLoss.MLNet/FocalLoss.MLNet.csproj
#:package Microsoft.ML
#:property PublishAot=false

using System.Collections.Concurrent;
using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;

// Training is done once, elsewhere; it leaves a file ...
var modelFile = Path.GetTempFileName();
SaveModel(modelFile);

// ... and a server needs no more than the file and Microsoft.ML: the model is made of ML.NET's own types.
var mlContext = new MLContext();
var model = mlContext.Model.Load(modelFile, out _);
File.Delete(modelFile);

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();

// A prediction engine serves one request at a time and takes long to make: those that are idle wait for the next one.
var idle = new ConcurrentBag<PredictionEngine<Machine, Verdict>>();
app.MapPost("/fault", (Machine machine) =>
{
    // What is left out of the request is 0, and what is too large infinite.
    if (!(machine.Speed > 0 && machine.Torque > 0 && float.IsFinite(machine.Speed + machine.Torque)))
        return Results.BadRequest($"speed = {machine.Speed}, torque = {machine.Torque}, but both should be in (0; +∞).");
    var engine = idle.TryTake(out var free) ? free : mlContext.Model.CreatePredictionEngine<Machine, Verdict>(model);
    var verdict = engine.Predict(machine);
    idle.Add(engine);
    return Results.Ok(verdict);
});

var isTrial = args.Contains("--try");
if (isTrial)
    app.Urls.Add("http://127.0.0.1:0");
await app.StartAsync();
Console.WriteLine($"POST {{\"speed\": 1400, \"torque\": 60}} to {app.Urls.First()}/fault");
if (isTrial)
{
    using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    using var response = await client.PostAsJsonAsync("/fault", new Machine { Speed = 1300, Torque = 65 });
    Console.WriteLine($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    await app.StopAsync();
}
else
    await app.WaitForShutdownAsync();

static void SaveModel(string path)
{
    var mlContext = new MLContext(seed: 1);
    var csv = Path.GetTempFileName();
    var packed = Path.Combine((string)AppContext.GetData("EntryPointFileDirectoryPath")!, "..", "data", "ai4i2020.csv.gz");
    using (var source = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress))
    using (var target = File.Create(csv))
        source.CopyTo(target);
    TextLoader.Column[] columns = [new("Speed", DataKind.Single, 5), new("Torque", DataKind.Single, 6), new("Label", DataKind.Boolean, 8)];
    var data = mlContext.Data.LoadFromTextFile(csv, columns, separatorChar: ',', hasHeader: true);
    var pipeline = mlContext.Transforms.Concatenate("Features", "Speed", "Torque")
        .Append(mlContext.Transforms.NormalizeMeanVariance("Features", fixZero: false))
        .Append(mlContext.BinaryClassification.Trainers.FocalSgd(gamma: 2));
    mlContext.Model.Save(pipeline.Fit(data), data.Schema, path);
    File.Delete(csv);
}

internal sealed class Machine
{
    public float Speed { get; set; }

    public float Torque { get; set; }
}

internal sealed class Verdict { public float Probability { get; set; } }
