"""Trains a random forest on the train images' pixels and tells how many of the others it gets right."""

import argparse
import json
import os
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier

import tables

arguments = argparse.ArgumentParser()
arguments.add_argument("--trees", type=int, required=True)
arguments.add_argument("--seed", type=int, required=True)
options = arguments.parse_args()

dataset = Path(os.environ["IN_DATASET"])
out = Path(os.environ["OUT"])
label_of = tables.read_column(Path(os.environ["IN_LABELS"]) / "labels.csv", "label")
split_of = tables.read_column(dataset / "items.csv", "split")


def read_split(name):
    """Items in the order of the array's rows, and one row of pixels each."""
    images = np.load(dataset / f"{name}.npy")
    items = [item for item, split in split_of.items() if split == name]
    return items, images.reshape(len(images), -1)


train_items, train_pixels = read_split("train")
forest = RandomForestClassifier(n_estimators=options.trees, random_state=options.seed)
forest.fit(train_pixels, [label_of[item] for item in train_items])

rows = []
metrics = {}
for split in ("train", "val", "test"):
    items, pixels = read_split(split)
    predicted = forest.predict(pixels)
    rows += [(item, split, label) for item, label in zip(items, predicted)]
    right = sum(label_of[item] == label for item, label in zip(items, predicted))
    metrics[f"{split}.acc"] = {"value": right / len(items), "better": "higher"}

tables.write_rows(out / "predictions.csv", ["id", "split", "predicted"], rows)
(out / "metrics.json").write_text(json.dumps(metrics), encoding="utf-8")
