namespace FocalMlNet.Report;

/// <summary>The pictures of a page as files.</summary>
internal static class Pictures
{
    /// <summary>Each picture with the name of its file; bands are those of the chosen model.</summary>
    public static IEnumerable<(string Name, string Svg)> Of(ReportContent content)
        => All(content).Select(picture => (picture.Name, PictureSvg.File(picture)));

    private static IEnumerable<Picture> All(ReportContent content)
    {
        if (content.Models.Count > 0 && BarPictures.Cost(content, content.Models[content.Chosen]) is { } cost)
            yield return cost;
        foreach (var picture in new CurvePictures(content, i => i == content.Chosen).All())
            yield return picture;
        for (var i = 0; i < content.Models.Count; i++)
        {
            if (content.Models[i].Histogram.Positives.Count > 0)
                yield return BarPictures.Histogram(content.Models[i], i);
        }

        if (content.LossShare is { } loss)
            yield return BarPictures.LossShare(loss);
        if (content.Features is { } given && BarPictures.Features(given) is { } features)
            yield return features;
    }
}
