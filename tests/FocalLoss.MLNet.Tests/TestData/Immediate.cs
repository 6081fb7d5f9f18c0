namespace FocalMlNet.Tests;

/// <summary>Progress that is handled before training goes on; that of the runtime comes later, on another thread.</summary>
internal sealed class Immediate(Action<FocalSgdProgress> report) : IProgress<FocalSgdProgress>
{
    public void Report(FocalSgdProgress value) => report(value);
}
