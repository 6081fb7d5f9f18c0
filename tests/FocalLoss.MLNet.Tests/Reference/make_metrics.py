"""Writes metrics.json: the values that scikit-learn gives for the metrics of Evaluation/.

Run with Debian's python3-sklearn (1.2.1): /usr/bin/python3 make_metrics.py
All inputs are numbers that a Single holds exactly, so that both sides compute with the same ones, in double precision.
"""
import json
import warnings

import numpy as np
from sklearn import metrics as m
from sklearn.calibration import calibration_curve

EPS = 2.0**-23  # what scikit-learn keeps single-precision probabilities away from 0 and 1
warnings.filterwarnings("ignore", category=UserWarning)


def single(x):
    return np.asarray(x, dtype=np.float32).astype(np.float64)


def calibration(y, p, w, bins, mass):
    """Expected calibration error; without weights it is made of the numbers of calibration_curve."""
    edges = np.percentile(p, np.linspace(0, 1, bins + 1) * 100) if mass else np.linspace(0, 1, bins + 1)
    of_row = np.searchsorted(edges[1:-1], p)
    share, mean, rate = [], [], []
    for b in range(bins):
        at = of_row == b
        if at.any():
            share.append(w[at].sum() / w.sum())
            mean.append(np.average(p[at], weights=w[at]))
            rate.append(np.average(y[at], weights=w[at]))
    if np.all(w == w[0]) and len(np.unique(y)) == 2:
        true, predicted = calibration_curve(y, p, n_bins=bins, strategy="quantile" if mass else "uniform")
        assert np.allclose(true, rate, rtol=0, atol=1e-14) and np.allclose(predicted, mean, rtol=0, atol=1e-14)
    return np.sum(np.array(share) * np.abs(np.array(mean) - np.array(rate))), np.column_stack([mean, rate, share])


def binary_values(s, p, c, y, weights, gamma, alpha, bins, mass):
    keep = slice(None) if weights is None else weights > 0
    w = np.ones(len(y)) if weights is None else weights
    s, p, c, y, w = s[keep], p[keep], c[keep], y[keep], w[keep]
    truth = np.where(y == 1, np.clip(p, EPS, 1 - EPS), 1 - np.clip(p, EPS, 1 - EPS))
    a = np.ones(len(y)) if alpha is None else np.where(y == 1, alpha, 1 - alpha)
    ece, reliability = calibration(y, p, w, bins, mass)
    tn, fp, fn, tp = m.confusion_matrix(y, c, labels=[0, 1], sample_weight=w).ravel()
    kw = dict(sample_weight=w, zero_division=0)
    values = {
        "Prevalence": np.average(y, weights=w),
        "LogLoss": m.log_loss(y, p, eps=EPS, sample_weight=w, labels=[0, 1]),
        "BrierScore": m.brier_score_loss(y, p, sample_weight=w, pos_label=1),
        "ExpectedCalibrationError": ece,
        "FocalLoss": np.average(-a * (1 - truth) ** gamma * np.log(truth), weights=w),
        "Precision": m.precision_score(y, c, **kw),
        "Recall": m.recall_score(y, c, **kw),
        "F1Score": m.f1_score(y, c, **kw),
        "F2Score": m.fbeta_score(y, c, beta=2, **kw),
        "MatthewsCorrelation": m.matthews_corrcoef(y, c, sample_weight=w),
        "GeometricMean": np.sqrt(m.recall_score(y, c, **kw) * m.recall_score(y, c, pos_label=0, **kw)),
        "Accuracy": m.accuracy_score(y, c, sample_weight=w),
    }
    result = {"values": values, "confusion": [tp, fp, fn, tn], "reliability": reliability.tolist()}
    if len(np.unique(y)) < 2:
        return result
    values["AveragePrecision"] = m.average_precision_score(y, s, sample_weight=w)
    values["AreaUnderRocCurve"] = m.roc_auc_score(y, s, sample_weight=w)
    values["BalancedAccuracy"] = m.balanced_accuracy_score(y, c, sample_weight=w)
    precision, recall, _ = m.precision_recall_curve(y, s, sample_weight=w)
    result["precisionAtRecall"] = [[r, precision[recall >= r].max()] for r in (0.1, 0.5, 0.75, 1.0)]
    result["recallAtPrecision"] = [[q, recall[precision >= q].max()] for q in (0.05, 0.5, 0.9, 1.0)]
    return result


def curves(s, y, w):
    precision, recall, thresholds = m.precision_recall_curve(y, s, sample_weight=w)
    fpr, tpr, roc = m.roc_curve(y, s, sample_weight=w, drop_intermediate=False)
    return {
        # From the highest threshold; scikit-learn's own point (recall 0, precision 1) has no threshold.
        "precisionRecall": np.column_stack([thresholds, recall[:-1], precision[:-1]])[::-1].tolist(),
        # The first threshold, at which nothing is called positive, is left out.
        "roc": np.column_stack([roc, fpr, tpr])[1:].tolist(),
    }


def best_thresholds(p, y, w):
    """The best value of each policy over all thresholds, by brute force."""
    calls = [p >= t for t in np.append(np.unique(p), 2.0) if t > 0]
    kw = dict(sample_weight=w, zero_division=0)
    weight = np.ones(len(y)) if w is None else w
    rate = [np.average(c, weights=weight) for c in calls]
    precision = [m.precision_score(y, c, **kw) for c in calls]
    recall = [m.recall_score(y, c, **kw) for c in calls]

    def profit(c):
        tn, fp, fn, tp = m.confusion_matrix(y, c, labels=[0, 1], sample_weight=w).ravel()
        return 20 * tp - 3 * fp - 7 * fn + 0.25 * tn

    return {
        "MaximizeF(1)": max(m.f1_score(y, c, **kw) for c in calls),
        "MaximizeF(2)": max(m.fbeta_score(y, c, beta=2, **kw) for c in calls),
        "MaximizeMatthewsCorrelation": max(m.matthews_corrcoef(y, c, sample_weight=w) for c in calls),
        "MaximizeBalancedAccuracy": max(m.balanced_accuracy_score(y, c, sample_weight=w) for c in calls),
        "MaximizeProfit(20, -3, -7, 0.25)": max(map(profit, calls)),
        "ReachRecall(0.75)": max(q for q, r in zip(precision, recall) if r >= 0.75),
        "ReachPrecision(0.5)": max(r for q, r in zip(precision, recall) if q >= 0.5),
        "AlertRate(0.2)": max(r for r in rate if r <= 0.2),
    }


def binary_case(name, s, p, y, weights=None, threshold=0.5, gamma=2.0, alpha=None, bins=10, mass=True, full=False):
    s, p, y = single(s), single(p), np.asarray(y, dtype=int)
    weights = None if weights is None else single(weights)
    c = (p > threshold).astype(int)
    case = {
        "name": name, "scores": s.tolist(), "probabilities": p.tolist(), "predicted": c.tolist(), "labels": y.tolist(),
        "weights": None if weights is None else weights.tolist(), "gamma": gamma, "alpha": alpha, "bins": bins, "equalMass": mass,
    }
    case |= binary_values(s, p, c, y, weights, gamma, alpha, bins, mass)
    if full:
        case |= curves(s, y, weights)
        case["best"] = best_thresholds(p, y, weights)
    return case


def splitmix(i):
    """The output of SplitMix64 for the state i, as in the test."""
    with np.errstate(over="ignore"):
        z = i.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def generated_case(rows):
    i = np.arange(rows, dtype=np.uint64) * np.uint64(4)
    s = (splitmix(i) >> np.uint64(52)).astype(np.float64) / 4096
    p = s * s
    y = ((splitmix(i + np.uint64(1)) >> np.uint64(40)).astype(np.float64) / 2**24 < p * p * p * 0.125).astype(int)
    w = 1 + (splitmix(i + np.uint64(2)) & np.uint64(3)).astype(np.float64)
    case = {"rows": rows}
    for name, weights in (("unweighted", None), ("weighted", w)):
        case[name] = binary_values(s, p, (p > 0.75).astype(int), y, weights, 2.0, 0.75, 10, True)
    return case


def multiclass_case(name, scores, y, classes, weights=None, gamma=2.0, bins=10, mass=True):
    scores, y = single(scores), np.asarray(y, dtype=int)
    w = None if weights is None else single(weights)
    keep = slice(None) if w is None else w > 0
    used, truth, weight = scores[keep], y[keep], None if w is None else w[keep]
    c = used.argmax(axis=1)
    kw = dict(sample_weight=weight, zero_division=0)
    present = np.unique(truth)
    ap = {k: m.average_precision_score(truth == k, used[:, k], sample_weight=weight) for k in present}
    each = m.precision_recall_fscore_support(truth, c, labels=range(classes), **kw)
    values = {"Accuracy": m.accuracy_score(truth, c, sample_weight=weight)}
    values["BalancedAccuracy"] = m.balanced_accuracy_score(truth, c, sample_weight=weight)
    for average in ("macro", "weighted"):
        precision, recall, f1, _ = m.precision_recall_fscore_support(truth, c, average=average, **kw)
        word = average.capitalize()
        values |= {f"{word}Precision": precision, f"{word}Recall": recall, f"{word}F1Score": f1}
    micro = m.precision_recall_fscore_support(truth, c, average="micro", **kw)[:3]
    assert np.allclose(micro, values["Accuracy"], rtol=0, atol=1e-14)
    values["MacroAveragePrecision"] = np.mean(list(ap.values()))
    values["LogLoss"] = m.log_loss(truth, used, eps=EPS, sample_weight=weight, labels=list(range(classes)))
    each_weight = np.ones(len(truth)) if weight is None else weight
    values["BrierScore"] = np.average(((used - np.eye(classes)[truth]) ** 2).sum(axis=1), weights=each_weight)
    values["ExpectedCalibrationError"] = calibration((c == truth).astype(int), used.max(axis=1), each_weight, bins, mass)[0]
    clipped = np.clip(used, EPS, 1 - EPS)
    p_true = (clipped / clipped.sum(axis=1, keepdims=True))[np.arange(len(truth)), truth]
    assert np.isclose(np.average(-np.log(p_true), weights=each_weight), values["LogLoss"], rtol=0, atol=1e-14)
    values["FocalLoss"] = np.average(-((1 - p_true) ** gamma) * np.log(p_true), weights=each_weight)
    return {
        "name": name, "classes": classes, "scores": scores.ravel().tolist(), "labels": y.tolist(), "weights": None if w is None else w.tolist(),
        "gamma": gamma, "bins": bins, "equalMass": mass,
        "values": values, "confusion": m.confusion_matrix(truth, c, labels=range(classes), sample_weight=weight).tolist(),
        "precision": each[0].tolist(), "recall": each[1].tolist(), "f1": each[2].tolist(),
        "averagePrecision": [ap.get(k) for k in range(classes)],
    }


def main():
    random = np.random.default_rng(20)
    n = 60
    y = (random.random(n) < 0.25).astype(int)
    z = random.normal(size=n) + 1.5 * y - 1.5
    p = 1 / (1 + np.exp(-z))
    coarse = np.round(z * 2) / 2
    w = random.gamma(2, 1, n)
    holes = np.where(random.random(n) < 0.2, 0, w)
    rounded = np.round(p * 8) / 8
    binary = [
        binary_case("no ties", z, p, y, full=True),
        binary_case("ties", coarse, rounded, y, full=True, bins=8, mass=False),
        binary_case("weights", z, p, y, w, alpha=0.75, bins=7, full=True),
        binary_case("ties and weights, some 0", coarse, rounded, y, holes, gamma=0.5, alpha=0.25, bins=5),
        binary_case("score and probability disagree", random.normal(size=n), p, y, gamma=0),
        binary_case("constant scores", np.zeros(n), np.full(n, 0.25), y),
        binary_case("constant scores with weights, all called positive", np.ones(n), np.full(n, 0.75), y, w),
        binary_case("perfect", y * 2.0, y * 0.8 + 0.1, y, mass=False),
        binary_case("certain errors", 1 - y, 1 - y, y, mass=False),
        binary_case("no positives", z, p, np.zeros(n)),
        binary_case("no negatives", z, p, np.ones(n), w),
        binary_case("one positive row", [0.5], [0.625], [1]),
        binary_case("one negative row", [0.5], [0.375], [0], [2.5]),
        binary_case("two rows", [1, -1], [0.75, 0.25], [1, 0], bins=2, mass=False),
    ]

    k = 4
    truth = random.choice(k, 80, p=[0.6, 0.25, 0.1, 0.05])
    logits = random.normal(size=(80, k)) + 1.5 * np.eye(k)[truth]
    scores = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    weights = np.where(random.random(80) < 0.1, 0, random.gamma(2, 1, 80))
    never = np.column_stack([scores[:, :3] / scores[:, :3].sum(axis=1, keepdims=True), np.zeros(80)])
    multiclass = [
        multiclass_case("four classes", scores, truth, k),
        multiclass_case("four classes with weights, some 0", scores, truth, k, weights, gamma=0.5, bins=5, mass=False),
        multiclass_case("a class that does not occur", scores, np.where(truth == 3, 0, truth), k, weights),
        multiclass_case("a class that is not predicted", never, truth, k),
        multiclass_case("a class that neither occurs nor is predicted", never, np.where(truth == 3, 0, truth), k),
        multiclass_case("one row", [[0.25, 0.75]], [0], 2),
        multiclass_case("all scores equal", np.full((6, 3), 1 / 3), [0, 1, 2, 0, 0, 1], 3),
    ]
    parts = {"binary": binary, "generated": [generated_case(10**6)], "multiclass": multiclass}
    lines = [f'"{name}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]" for name, cases in parts.items()]
    with open("metrics.json", "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


main()
