using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FocalMlNet.Report;

/// <summary>The numbers that the script of the page works with, as JSON within HTML.</summary>
internal static class PageData
{
    // The default encoder escapes <, >, & and quotes, and all that is not ASCII: nothing in it can end a script element.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.Default };

    public static Html Json(ReportContent content)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("rows", content.Rows);
            json.WriteNumber("positives", content.Positives);
            json.WriteNumber("negatives", content.Negatives);
            json.WriteNumber("effectivePositives", content.EffectivePositives);
            json.WriteNumber("effectiveNegatives", content.EffectiveNegatives);
            json.WriteBoolean("weighted", content.IsWeighted);
            json.WriteNumber("chosen", content.Chosen);
            json.WriteStartArray("models");
            foreach (var model in content.Models)
                Write(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Html.Of(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter json, ModelContent model)
    {
        json.WriteStartObject();
        json.WriteString("name", PlainText.Short(model.Name));
        json.WriteBoolean("probabilities", model.HasProbabilities);
        json.WriteNumber("own", model.OwnThreshold);
        json.WriteStartArray("thresholds");
        foreach (var step in model.Steps)
            json.WriteNumberValue(step.Threshold);
        json.WriteEndArray();
        Write(json, "tp", model.Steps.Select(step => step.TruePositives));
        Write(json, "fp", model.Steps.Select(step => step.FalsePositives));
        json.WriteStartArray("policies");
        foreach (var policy in model.Policies)
        {
            json.WriteStartArray();
            json.WriteStringValue(PlainText.Short(policy.Name));
            json.WriteNumberValue(policy.Step);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartObject("bands");
        foreach (var (name, curve) in new[] { ("precision-recall", model.PrecisionRecall), ("roc", model.Roc), ("gain", model.Gain) })
        {
            json.WriteStartArray(name);
            Write(json, null, curve.BandX.Select(Short));
            Write(json, null, curve.Low.Select(Short));
            Write(json, null, curve.High.Select(Short));
            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteStartArray("reliability");
        foreach (var group in model.Reliability)
            Write(json, null, [Short(group.Mean), Short(group.Share), Short(group.Low), Short(group.High), Short(group.Rows)]);
        json.WriteEndArray();
        Write(json, "edges", model.Histogram.Edges.Select(Short));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string? name, IEnumerable<double> numbers)
    {
        if (name is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            // JSON has no NaN: an edge that is not known is null.
            if (double.IsFinite(number))
                json.WriteNumberValue(number);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
    }

    /// <summary>What is only read from a picture need not have seventeen digits.</summary>
    private static double Short(double value) => (float)value is var single && double.IsFinite(single)
        ? double.Parse(single.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : value;
}
