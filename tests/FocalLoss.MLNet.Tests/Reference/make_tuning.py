"""Writes tuning.json: the mean average precision and log-loss of scikit-learn's logistic regression on CoIL 2000, for some penalties.

Row i is in fold i mod 5. Run in this folder: python3 make_tuning.py
"""

import csv
import gzip
import json

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, log_loss

FOLDS = 5

with gzip.open("../../../data/coil2000.csv.gz", "rt", encoding="utf-8") as file:
    rows = list(csv.reader(file))[1:]
features = np.array([[float(value) for value in row[:-1]] for row in rows])
labels = np.array([row[-1] == "1" for row in rows])
fold_of_row = np.arange(len(rows)) % FOLDS

candidates = []
for penalty in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5):
    precisions, losses = [], []
    for fold in range(FOLDS):
        train = fold_of_row != fold
        # The mean loss with (penalty / 2) |weights|^2 is C times the sum of the losses with |weights|^2 / 2.
        model = LogisticRegression(C=1 / (penalty * train.sum()), solver="newton-cholesky", tol=1e-10, max_iter=1000)
        model.fit(features[train], labels[train])
        scores = model.decision_function(features[~train])
        precisions.append(average_precision_score(labels[~train], scores))
        losses.append(log_loss(labels[~train], 1 / (1 + np.exp(-scores))))
    candidates.append({"l2": penalty, "averagePrecision": np.mean(precisions), "logLoss": np.mean(losses)})

with open("tuning.json", "w", encoding="utf-8") as file:
    json.dump({"scikit-learn": sklearn.__version__, "candidates": candidates}, file, indent=1)
    file.write("\n")
