namespace FocalMlNet;

/// <summary>γ as a function of how far training has come: it may start with cross-entropy (0) and focus later.</summary>
/// <remarks>
/// Progress is the share of the iterations that are done: 0 at the start, 1 at the end. A schedule does not depend on the number of
/// iterations, so that it means the same for a short and a long training.
/// </remarks>
public sealed class GammaSchedule : IEquatable<GammaSchedule>
{
    private readonly Func<double, double> _gamma;
    private readonly string _description;

    private GammaSchedule(Func<double, double> gamma, FormattableString description, bool isConstant = false)
        => (_gamma, _description, IsConstant) = (gamma, FormattableString.Invariant(description), isConstant);

    /// <summary>Whether γ is the same all the time because it was given so.</summary>
    internal bool IsConstant { get; }

    /// <summary>A number is the schedule that is always this γ.</summary>
    /// <param name="gamma">γ, in [0; 50].</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="gamma"/> is outside its range.</exception>
    public static implicit operator GammaSchedule(double gamma) => Constant(gamma);

    /// <summary>The same γ all the time.</summary>
    /// <param name="gamma">γ, in [0; 50].</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="gamma"/> is outside its range.</exception>
    public static GammaSchedule Constant(double gamma)
    {
        Guard.Gamma(gamma);
        return new(_ => gamma, $"{nameof(Constant)}({gamma})", isConstant: true);
    }

    /// <summary>On a straight line from one γ to another: first + (last - first) · progress.</summary>
    /// <param name="first">γ at progress 0, in [0; 50].</param>
    /// <param name="last">γ at progress 1, in [0; 50].</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public static GammaSchedule Linear(double first, double last)
    {
        Guard.Gamma(first);
        Guard.Gamma(last);
        return new(progress => first * (1 - progress) + last * progress, $"{nameof(Linear)}({first}, {last})");
    }

    /// <summary>In stages: each begins at a given progress, and its γ holds until the next begins.</summary>
    /// <param name="stages">
    /// Progress at which a stage begins, and its γ. The first begins at 0; each begins later than the one before it and before 1.
    /// </param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="stages"/> is null.</exception>
    /// <exception cref="ArgumentException">There is no stage.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A stage begins too early or too late, or a γ is outside its range.</exception>
    public static GammaSchedule Stepwise(params (double From, double Gamma)[] stages)
    {
        ArgumentNullException.ThrowIfNull(stages);
        Guard.AtLeastElements(1, stages.Length, nameof(stages));
        (double From, double Gamma)[] own = [.. stages];
        for (var i = 0; i < own.Length; i++)
        {
            Guard.Gamma(own[i].Gamma, $"stages[{i}].Gamma");
            if (i == 0)
                Guard.Equal(0, own[i].From, "stages[0].From");
            else
                Guard.Between(own[i - 1].From, 1, own[i].From, $"stages[{i}].From");
        }

        return new(
            progress => Array.FindLast(own, stage => stage.From <= progress).Gamma,
            $"{nameof(Stepwise)}({string.Join(", ", own.Select(stage => FormattableString.Invariant($"({stage.From}, {stage.Gamma})")))})");
    }

    /// <summary>γ at some point of the training.</summary>
    /// <param name="progress">The share of the iterations that are done, in [0; 1].</param>
    /// <returns>γ.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="progress"/> is outside its range.</exception>
    public double At(double progress) => _gamma(Guard.UnitInterval(progress));

    /// <summary>The kind of the schedule and its parameters.</summary>
    public override string ToString() => _description;

    /// <summary>Whether another schedule is of the same kind with the same parameters.</summary>
    public bool Equals(GammaSchedule? other) => string.Equals(_description, other?._description, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GammaSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_description);
}
