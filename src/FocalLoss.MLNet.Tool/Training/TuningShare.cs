namespace FocalMlNet.Tool.Training;

/// <summary>The progress of a tuning as a share.</summary>
internal sealed class TuningShare(IProgress<double> progress) : IProgress<TuningProgress>
{
    public void Report(TuningProgress value) => progress.Report(value.Total == 0 ? 0 : (double)value.Done / value.Total);
}
