"""Writes metrics.json: partitions with ACC (scipy's assignment), NMI and ARI (scikit-learn 1.9), and percentiles (numpy).

NMI of a degenerate partition is not recorded: scikit-learn says 1 where this project says 0.
Run: python3 metrics.py > metrics.json
"""
import json

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, confusion_matrix, normalized_mutual_info_score

rng = np.random.default_rng(3)


def accuracy(y, c):
    table = confusion_matrix(y, c)
    rows, columns = linear_sum_assignment(table, maximize=True)
    return table[rows, columns].sum() / len(y)


partitions = []
for items, labels, clusters, noise in [
    (2, 2, 2, 0.0), (7, 3, 2, 0.5), (12, 2, 5, 1.0), (40, 3, 3, 0.2), (40, 3, 3, 0.6), (60, 4, 9, 0.4),
    (60, 9, 4, 0.4), (185, 3, 3, 0.35), (185, 3, 10, 0.3), (300, 10, 10, 0.5), (300, 10, 10, 1.0),
]:
    y = rng.integers(0, labels, items)
    relabel = rng.permutation(max(labels, clusters))
    c = np.where(rng.random(items) < noise, rng.integers(0, clusters, items), relabel[y] % clusters)
    if len(set(y)) < 2 or len(set(c)) < 2:
        y[0], y[1], c[0], c[1] = 0, 1, 0, 1
    partitions.append({
        "y": y.tolist(), "c": c.tolist(), "acc": accuracy(y, c),
        "nmi": normalized_mutual_info_score(y, c), "ari": adjusted_rand_score(y, c),
    })

values = np.sort(rng.random(23))
shares = [0, 0.025, 0.5, 0.731, 0.975, 1]
percentiles = {"values": values.tolist(), "shares": shares, "expected": np.quantile(values, shares).tolist()}
print(json.dumps({"partitions": partitions, "percentiles": percentiles}, separators=(",", ":")))
