"""PyTorch at the benchmark's works: takes one JSON line a request, answers with one.

    python contestant.py DATA-FOLDER --variant eager|channels_last|compile --threads N
"""
import argparse
import json
import sys
import time

import numpy as np
import torch

from network import KerasAdam, clustering_step, load, load_images, read_array

GAMMA = 0.01

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--variant", default="eager")
parser.add_argument("--threads", type=int, default=1)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.set_num_interop_threads(1)
torch.set_flush_denormal(True)


class Step:
    """The same batch in every step."""

    def __init__(self, work):
        dec = work["loss"] == "dec"
        self.net = load(options.folder, work["network"], options.variant, encoder_only=dec)
        self.batch = load_images(options.folder, work["network"], self.net)[: work["batch"]].clone(memory_format=torch.preserve_format)
        self.loss = work["loss"]
        parameters = list(self.net.parameters())
        if self.loss != "reconstruction":
            k = work["clusters"]
            self.centres = torch.nn.Parameter(torch.from_numpy(read_array(options.folder, "centres.f32").reshape(k, -1)))
            targets = read_array(options.folder, "targets.f64", np.float64).astype(np.float32).reshape(-1, k)
            self.targets = torch.from_numpy(targets[: work["batch"]].copy())
            parameters.append(self.centres)
        self.optimizer = KerasAdam(parameters)
        if options.variant == "compile":
            self.net.forward = torch.compile(self.net.forward, dynamic=False)
            self.net.embed = torch.compile(self.net.embed, dynamic=False)

    def once(self):
        if self.loss != "reconstruction":
            decodes = self.loss == "dcec"
            return clustering_step(
                self.net, self.optimizer, self.batch, self.centres, self.targets, GAMMA if decodes else 1, decodes
            )
        self.optimizer.zero_grad(set_to_none=True)
        _, error = self.net(self.batch)
        error.backward()
        self.optimizer.step()
        return None, error

    def losses(self, steps):
        result = []
        for _ in range(steps):
            value, error = self.once()
            result.append([None if part is None else float(part.detach()) for part in (error, value)])
        return result


class Epoch:
    """Pretraining: shuffled batches whose sizes differ by one at most, then the validation split."""

    def __init__(self, work):
        self.net = load(options.folder, work["network"], options.variant)
        self.images = load_images(options.folder, work["network"], self.net)
        order = read_array(options.folder, "orders.u32", np.uint32)
        self.train = work["train"]
        self.first = torch.from_numpy(order[: self.train].astype(np.int64))
        self.val = torch.arange(self.train, self.train + work["val"])
        self.batches = -(-self.train // work["batch"])
        self.optimizer = KerasAdam(list(self.net.parameters()))
        if options.variant == "compile":
            self.net.forward = torch.compile(self.net.forward, dynamic=False)

    def run(self, order):
        total = torch.zeros((), dtype=torch.float64)
        for batch in cut(order, self.batches):
            self.optimizer.zero_grad(set_to_none=True)
            _, error = self.net(self.images.index_select(0, batch))
            error.backward()
            self.optimizer.step()
            total += error.detach() * len(batch)
        return float(total) / len(order), validate(self.net, self.images, self.val)

    def once(self):
        self.run(torch.randperm(self.train))

    def losses(self, _steps):
        return [list(self.run(self.first))]


def cut(rows, count):
    ends = [index * len(rows) // count for index in range(count + 1)]
    return [rows[start:end] for start, end in zip(ends, ends[1:])]


@torch.inference_mode()
def validate(net, images, rows):
    total = sum(float(net.errors(images.index_select(0, part)).sum()) for part in rows.split(256))
    return total / len(rows)


def main():
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        started = time.perf_counter()
        if request["do"] == "prepare":
            work = (Epoch if request["work"]["kind"] == "epoch" else Step)(request["work"])
            losses = work.losses(request["steps"])
            answer = {"losses": losses, "ms": (time.perf_counter() - started) * 1000}
        else:
            times = []
            for _ in range(request["steps"]):
                before = time.perf_counter()
                work.once()
                times.append((time.perf_counter() - before) * 1000)
            answer = {"ms": times}
        print(json.dumps(answer), flush=True)


main()
