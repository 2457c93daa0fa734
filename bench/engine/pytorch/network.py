"""The same networks in PyTorch: layers and weights come from the benchmark's own files.

What makes them quick: images are padded once, not in every step (TensorFlow's 'same' padding is not
symmetric, which PyTorch's convolutions cannot say); a transposed convolution's surplus is cut as a view;
dense kernels are rearranged once to the order that flattening gives here.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F


def read_array(folder, name, dtype=np.float32):
    return np.fromfile(os.path.join(folder, name), dtype=dtype)


def padding(large, small, kernel, stride, mode):
    """Rows before and after: the odd one goes to the end."""
    total = 0 if mode == "valid" else max(0, (small - 1) * stride + kernel - large)
    return total // 2, total - total // 2


class Net(torch.nn.Module):
    """Encoder and decoder; `forward` maps padded images to (embedding, mean squared error)."""

    def __init__(self, network, weights, channels_last=False):
        super().__init__()
        height, width, channels = network["input"]
        self.size = (height, width)
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.image_padding = (0, 0, 0, 0)
        self.encoder, shape = self.build(network["encoder"], "encoder", (channels, height, width), weights)
        self.decoder, _ = self.build(network["decoder"], "decoder", shape, weights)

    def build(self, layers, half, shape, weights):
        """A list of (kind, tensors, numbers); `shape` is channels first."""
        built = []
        flat = None  # what was flattened, channels first
        for index, layer in enumerate(layers):
            kind = layer["kind"]
            if kind == "flatten":
                flat, shape = shape, (shape[0] * shape[1] * shape[2],)
                built.append((kind, None, None))
                continue
            if kind == "reshape":
                height, width, channels = layer["shape"]
                shape = (channels, height, width)
                built.append((kind, None, shape))
                continue
            kernel = torch.from_numpy(weights[f"{half}.{index}.kernel"])
            bias = torch.from_numpy(weights[f"{half}.{index}.bias"])
            relu = layer["activation"] == "relu"
            if kind == "dense":
                after = layers[index + 1] if index + 1 < len(layers) else {"kind": None}
                if flat is not None:  # rows in the order height, width, channel → channel, height, width
                    channels, height, width = flat
                    kernel = kernel.reshape(height, width, channels, -1).permute(2, 0, 1, 3).reshape(kernel.shape)
                    flat = None
                weight = kernel.t()
                if after["kind"] == "reshape":
                    order = torch.arange(layer["units"]).reshape(after["shape"]).permute(2, 0, 1).reshape(-1)
                    weight, bias = weight[order], bias[order]
                shape = (layer["units"],)
                built.append((kind, self.keep(half, index, weight, bias), relu))
                continue
            size, stride, mode = layer["kernel"], layer["stride"], layer["padding"]
            weight = kernel.permute(3, 2, 0, 1).contiguous(memory_format=self.format)
            if kind == "conv":
                out = [-(-n // stride) if mode == "same" else (n - size) // stride + 1 for n in shape[1:]]
                rows, columns = (padding(n, o, size, stride, mode) for n, o in zip(shape[1:], out))
                pads = (*columns, *rows)
                if half == "encoder" and index == 0:
                    self.image_padding, pads = pads, (0, 0, 0, 0)
                built.append((kind, self.keep(half, index, weight, bias), (pads, stride, relu)))
            else:
                out = layer["output"]
                before = [padding(o, n, size, stride, mode)[0] for o, n in zip(out, shape[1:])]
                built.append((kind, self.keep(half, index, weight, bias), (before, tuple(out), stride, relu)))
            shape = (layer["filters"], *out)
        return built, shape

    def keep(self, half, index, weight, bias):
        parameters = []
        for role, value in (("weight", weight), ("bias", bias)):
            name = f"{half}_{index}_{role}"
            kept = torch.nn.Parameter(value.clone(memory_format=torch.preserve_format))
            self.register_parameter(name, kept)
            parameters.append(kept)
        return parameters

    def run(self, layers, x):
        for kind, tensors, numbers in layers:
            if kind == "flatten":
                x = x.flatten(1)
            elif kind == "reshape":
                x = x.view(-1, *numbers).contiguous(memory_format=self.format)
            elif kind == "dense":
                x = F.linear(x, *tensors)
                x = F.relu(x) if numbers else x
            elif kind == "conv":
                pads, stride, relu = numbers
                x = F.conv2d(F.pad(x, pads) if any(pads) else x, *tensors, stride=stride)
                x = F.relu(x) if relu else x
            else:
                before, (height, width), stride, relu = numbers
                x = F.conv_transpose2d(x, *tensors, stride=stride, padding=tuple(before))
                x = x[:, :, :height, :width]
                x = F.relu(x) if relu else x
        return x

    def embed(self, padded):
        return self.run(self.encoder, padded)

    def target(self, padded):
        left, _, top, _ = self.image_padding
        return padded[:, :, top : top + self.size[0], left : left + self.size[1]]

    def forward(self, padded):
        z = self.embed(padded)
        return z, F.mse_loss(self.run(self.decoder, z), self.target(padded))

    def errors(self, padded):
        """Of each image, the mean squared error over its pixels."""
        difference = self.run(self.decoder, self.embed(padded)) - self.target(padded)
        return difference.square().mean(dim=(1, 2, 3))

    def pad(self, images):
        """[n, height, width, channels] as they are stored → what `forward` takes."""
        x = torch.from_numpy(images).permute(0, 3, 1, 2)
        return F.pad(x, self.image_padding).contiguous(memory_format=self.format)


def load(folder, name, variant, encoder_only=False):
    """A network with its weights as they are in the folder."""
    with open(os.path.join(folder, f"{name}.json")) as file:
        described = json.load(file)
    network = described["network"]
    values = read_array(folder, f"{name}-weights.f32")
    weights, at = {}, 0
    for parameter in described["parameters"]:
        count = int(np.prod(parameter["shape"]))
        weights[parameter["name"]] = values[at : at + count].reshape(parameter["shape"])
        at += count
    if encoder_only:
        network = {**network, "decoder": []}
    return Net(network, weights, channels_last=variant == "channels_last")


def load_images(folder, name, net):
    """All images of a network, padded."""
    height, width = net.size
    return net.pad(read_array(folder, f"{name}-images.f32").reshape(-1, height, width, 1))


class KerasAdam(torch.optim.Adam):
    """Keras adds ε before the second moment is corrected for bias; PyTorch after. Where gradients are as
    small as MNIST's that matters, so ε is scaled anew for every step: the same formula at no cost."""

    def __init__(self, parameters):
        super().__init__(parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-7, fused=True)
        self.steps = 0

    def step(self):
        self.steps += 1
        self.param_groups[0]["eps"] = 1e-7 / (1 - 0.999**self.steps) ** 0.5
        super().step()


@torch.no_grad()
def cluster(z, centres, p):
    """KL(p ‖ q) as mean over images, and its gradients at z and at the centres, written out (Xie et al.
    2016, equations 4 and 5, divided by n): many times quicker than differentiating it automatically."""
    difference = z.unsqueeze(1) - centres
    w = difference.square().sum(2).add_(1).reciprocal_()
    q = w / w.sum(1, keepdim=True)
    pull = (w * (p - q)).mul_(2 / len(z)).unsqueeze(2) * difference
    value = torch.xlogy(p, p / q.clamp_min(1e-7)).sum() / len(z)
    return value, pull.sum(1), -pull.sum(0)


@torch.no_grad()
def memberships(z, centres):
    w = (torch.cdist(z, centres, compute_mode="donot_use_mm_for_euclid_dist").square_().add_(1)).reciprocal_()
    return w / w.sum(1, keepdim=True)


@torch.no_grad()
def sharpen(q):
    p = q.square() / q.sum(0)
    return p / p.sum(1, keepdim=True)


def clustering_step(net, optimizer, padded, centres, p, gamma, decodes):
    """One DEC step (without decoder), or one DCEC step. Returns both losses as tensors."""
    optimizer.zero_grad(set_to_none=True)
    if decodes:
        z, error = net(padded)
        value, dz, dmu = cluster(z.detach(), centres.detach(), p)
        torch.autograd.backward([z, error], [dz * gamma, None])
        centres.grad = dmu * gamma
    else:
        z = net.embed(padded)
        error = None
        value, dz, dmu = cluster(z.detach(), centres.detach(), p)
        z.backward(dz)
        centres.grad = dmu
    optimizer.step()
    return value, error
