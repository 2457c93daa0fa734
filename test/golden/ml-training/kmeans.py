"""Records kmeans.json: scikit-learn's Lloyd from given centres, run until nothing changes.

Needs scikit-learn and numpy. The second case starts with a centre that no point is nearest to.
"""
import json
import numpy as np
from sklearn.cluster import KMeans

rng = np.random.default_rng(3)
cases = []
for far in (False, True):
    points = np.concatenate([rng.normal(c, 1.1, (25, 3)) for c in ([0, 0, 0], [3, 0, 1], [0, 3, -1], [2, 2, 2])])
    points = np.round(points, 4)
    start = points[[0, 1, 30, 60]].copy()
    if far:
        start[2] = [500, 500, 500]
    fit = KMeans(4, init=start, n_init=1, tol=0, max_iter=300, algorithm="lloyd").fit(points)
    cases.append({"points": points.ravel().tolist(), "rows": 100, "columns": 3, "start": start.ravel().tolist(),
                  "centres": fit.cluster_centers_.ravel().tolist(), "labels": fit.labels_.tolist(),
                  "inertia": fit.inertia_, "iterations": fit.n_iter_})
with open(__file__.replace(".py", ".json"), "w") as file:
    json.dump(cases, file)
    file.write("\n")
