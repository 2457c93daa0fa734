"""Writes projection.json: a small data set with what numpy, scikit-learn 1.9, openTSNE 1.0 and umap-learn 0.5 make of it.

Coordinates of a map are never compared: the other programs leave their neighbour overlap and
trustworthiness here as the mark that ours must reach.
Run: python3 projection.py > projection.json   (needs numpy, scikit-learn, openTSNE, umap-learn)
"""
import json
import warnings

import numpy as np
import openTSNE
import umap
from openTSNE.affinity import PerplexityBasedNN
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

warnings.filterwarnings("ignore")
rng = np.random.default_rng(12)

# Three bent sheets in six dimensions, of different size and spread.
rows = []
for kind, (count, spread) in enumerate([(60, 0.3), (50, 0.5), (40, 0.2)]):
    u, v = rng.uniform(-2, 2, count), rng.uniform(-1, 1, count)
    sheet = np.stack([u, v, np.sin(u), np.cos(v), u * v / 2, 0 * u], axis=1) + 3.5 * np.eye(6)[2 * kind]
    rows.append(sheet + spread * rng.standard_normal((count, 6)))
data = np.round(np.concatenate(rows), 3)
order = rng.permutation(len(data))
data = data[order]
train, test = data[:110], data[110:]
K = 10


def overlap(reference, queries, placed_reference, placed_queries, skip):
    """Share of the K nearest reference points that are kept; skip = 1 where queries are the reference."""
    near = lambda a, b: NearestNeighbors(n_neighbors=K + skip).fit(a).kneighbors(b)[1][:, skip:]
    pairs = zip(near(reference, queries), near(placed_reference, placed_queries))
    return float(np.mean([len(set(a) & set(b)) / K for a, b in pairs]))


centred = train - train.mean(0)
_, singular, directions = np.linalg.svd(centred, full_matrices=False)
signs = np.sign(directions[np.arange(6), np.abs(directions).argmax(1)])
scores = centred @ (directions[:2] * signs[:2, None]).T

P = PerplexityBasedNN(train, perplexity=12, method="exact", k_neighbors=len(train) - 1).P.toarray()

tsne = openTSNE.TSNE(perplexity=20, random_state=0, negative_gradient_method="bh", theta=0.0).fit(train)
sklearn_tsne = TSNE(perplexity=20, method="exact", random_state=0).fit(train)
model = umap.UMAP(random_state=0).fit(train)
placed = model.transform(test)

print(json.dumps({
    "train": train.tolist(),
    "test": test.tolist(),
    "pca": {
        "variances": (singular**2 / (len(train) - 1)).tolist(),
        "components": (directions * signs[:, None]).tolist(),
    },
    "trustworthiness": [
        {"columns": [0, 1], "neighbours": k, "expected": trustworthiness(train, train[:, :2], n_neighbors=k)}
        for k in (1, 5, 12, 54)
    ],
    "affinities": {"perplexity": 12, "rows": P[:3].tolist()},
    "pcaOverlap": overlap(train, train, scores, scores, 1),
    "tsne": {
        "perplexity": 20,
        "overlap": max(overlap(train, train, e, e, 1) for e in (np.asarray(tsne), sklearn_tsne.embedding_)),
        "divergence": float(sklearn_tsne.kl_divergence_),
    },
    "umap": {
        "overlap": overlap(train, train, model.embedding_, model.embedding_, 1),
        "trustworthiness": trustworthiness(train, model.embedding_, n_neighbors=K),
        "transformOverlap": overlap(train, test, model.embedding_, placed, 0),
    },
}, separators=(",", ":")))
