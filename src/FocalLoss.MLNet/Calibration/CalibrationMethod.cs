namespace FocalMlNet;

/// <summary>
/// How the score of a trainer of this library becomes a probability. A focal score is no log-odds: its sigmoid pulls every probability
/// towards ½.
/// </summary>
public enum CalibrationMethod
{
    /// <summary>
    /// From the loss itself, without further data: the exact class probability of a focal score (<see cref="FocalPosterior"/>), class
    /// weights taken out, as the best straight line over the scores of the training rows; shifted such that the mean probability of the
    /// training rows is their prevalence.
    /// </summary>
    Focal,

    /// <summary>
    /// Platt scaling: the straight line that loses least log-loss on rows held out of training, a tenth of each class (those that early
    /// stopping holds out, if it does). Makes no assumption about the loss; needs enough rows of each class, and no copies of rows, as
    /// Oversample makes them.
    /// </summary>
    Platt,

    /// <summary>
    /// None: the score that minimises the loss, and its sigmoid. It ranks as well as any, but is no probability for γ above 0 or with class
    /// weights.
    /// </summary>
    None,
}
