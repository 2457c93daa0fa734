"""The study's protocol in PyTorch, numpy and scikit-learn, in one process: pretraining, k-means, DEC and
DCEC from the same start, metrics of all three on all splits.

    python pipeline.py DATA-FOLDER --variant eager|channels_last --threads N
"""
import time

started = time.perf_counter()

import argparse
import json
import os

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from network import KerasAdam, clustering_step, load, load_images, memberships, read_array, sharpen

marks = [("imports", time.perf_counter())]
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--variant", default="eager")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.set_flush_denormal(True)
with open(os.path.join(options.folder, "protocol.json")) as file:
    protocol = json.load(file)
labels = read_array(options.folder, "labels.u32", np.uint32)
net = load(options.folder, "study", options.variant)
images = load_images(options.folder, "study", net)
ends = np.cumsum([0, protocol["train"], protocol["val"], protocol["test"]])
splits = [images[start:end] for start, end in zip(ends, ends[1:])]
split_labels = [labels[start:end] for start, end in zip(ends, ends[1:])]
train, val, test = splits


def pretrain():
    orders = read_array(options.folder, "orders.u32", np.uint32).astype(np.int64).reshape(-1, len(train))
    count = -(-len(train) // protocol["batch"])
    cuts = [index * len(train) // count for index in range(count + 1)]
    optimizer = KerasAdam(list(net.parameters()))
    best = (float("inf"), None)
    for epoch in range(protocol["epochs"]):
        order = torch.from_numpy(orders[epoch])
        total = torch.zeros((), dtype=torch.float64)
        for start, end in zip(cuts, cuts[1:]):
            optimizer.zero_grad(set_to_none=True)
            _, error = net(train.index_select(0, order[start:end]))
            error.backward()
            optimizer.step()
            total += error.detach() * (end - start)
        loss = measure(net, val)
        if not np.isfinite(float(total)) or not np.isfinite(loss):
            raise FloatingPointError(f"epoch {epoch}: {float(total)}, {loss}")
        if loss < best[0] - 1e-7:
            best = (loss, {name: value.detach().clone() for name, value in net.named_parameters()})
    with torch.no_grad():
        for name, value in net.named_parameters():
            value.copy_(best[1][name])
    return best[0]


@torch.inference_mode()
def measure(model, split):
    return sum(float(model.errors(part).sum()) for part in split.split(256)) / len(split)


@torch.inference_mode()
def embed(model, split):
    return torch.cat([model.embed(part) for part in split.split(256)])


def finetune(decodes, start):
    """Returns the model, its centres, and the clustering loss over the train split at the end."""
    model = load(options.folder, "study", options.variant, encoder_only=not decodes)
    pretrained = dict(net.named_parameters())
    with torch.no_grad():
        for name, value in model.named_parameters():
            value.copy_(pretrained[name])
    centres = torch.nn.Parameter(torch.from_numpy(start.astype(np.float32)))
    optimizer = KerasAdam([*model.parameters(), centres])
    size, interval = protocol["finetuneBatch"], protocol["updateInterval"]
    batches = -(-len(train) // size)
    history = []
    for iteration in range(protocol["iterations"] + 1):
        if iteration % interval == 0:
            q = memberships(embed(model, train), centres)
            p = sharpen(q)
            history.append(q.argmax(1))
            delta = (history[-1] != history[-2]).float().mean() if len(history) > 1 else None
            for other in (val, test):
                memberships(embed(model, other), centres).argmax(1)
            if iteration == protocol["iterations"]:
                break
        at = iteration % batches * size
        batch = train[at : at + size]
        value, _ = clustering_step(model, optimizer, batch, centres, p[at : at + size], 0.01 if decodes else 1, decodes)
    loss = float(torch.xlogy(p, p / q.clamp_min(1e-7)).sum() / len(p))
    return model, centres.detach(), loss


def score(model, centres, decodes):
    rows = []
    for split, truth in zip(splits, split_labels):
        predicted = memberships(embed(model, split), centres).argmax(1).numpy()
        table = np.zeros((3, 3), dtype=np.int64)
        np.add.at(table, (truth, predicted), 1)
        matched = linear_sum_assignment(table, maximize=True)
        rows.append({
            "acc": float(table[matched].sum() / len(truth)),
            "nmi": float(normalized_mutual_info_score(truth, predicted)),
            "ari": float(adjusted_rand_score(truth, predicted)),
            "mse": measure(model, split) if decodes else None,
        })
    return rows


def mark(name):
    marks.append((name, time.perf_counter()))


mark("data")
val_loss = pretrain()
mark("pretrain")
points = embed(net, train).numpy().astype(np.float64)
found = KMeans(n_clusters=3, n_init=20, random_state=0).fit(points)
mark("k-means")
dec, dec_centres, dec_loss = finetune(False, found.cluster_centers_)
mark("DEC")
dcec, dcec_centres, dcec_loss = finetune(True, found.cluster_centers_)
mark("DCEC")
start = torch.from_numpy(found.cluster_centers_.astype(np.float32))
metrics = [score(net, start, True), score(dec, dec_centres, False), score(dcec, dcec_centres, True)]
mark("metrics")
times = [started, *(at for _, at in marks)]
print(json.dumps({
    "valLoss": val_loss,
    "inertia": float(found.inertia_),
    "decLoss": dec_loss,
    "dcecLoss": dcec_loss,
    "metrics": metrics,
    "phases": {name: (at - before) * 1000 for (name, at), before in zip(marks, times)},
}))
