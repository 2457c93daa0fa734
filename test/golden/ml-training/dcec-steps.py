"""Records dcec-steps.json: pretraining steps and a DCEC round of a tiny network in PyTorch, float64.

Needs torch and numpy. Adam is written out as Keras has it (epsilon outside the root, bias corrections
in the rate); padding is TensorFlow's 'same'; weights are kept in float32 between steps, as engines do.
"""
import json
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)
H, W, D, K, N, B = 9, 7, 2, 3, 10, 4
images = rng.uniform(-0.5, 0.5, (N, H, W, 1)).astype(np.float32)
# name -> shape, in clade's layout
shapes = {
    "encoder.0.kernel": (3, 3, 1, 2), "encoder.0.bias": (2,),
    "encoder.1.kernel": (3, 3, 2, 3), "encoder.1.bias": (3,),
    "encoder.3.kernel": (2 * 1 * 3, D), "encoder.3.bias": (D,),
    "decoder.0.kernel": (D, 6), "decoder.0.bias": (6,),
    "decoder.2.kernel": (3, 3, 2, 3), "decoder.2.bias": (2,),
    "decoder.3.kernel": (3, 3, 1, 2), "decoder.3.bias": (1,),
}
start = {n: rng.uniform(-0.5, 0.5, s).astype(np.float32) for n, s in shapes.items()}
mu0 = rng.uniform(-0.5, 0.5, (K, D)).astype(np.float32)


def same(size, k, s):
    out = -(-size // s)
    total = max((out - 1) * s + k - size, 0)
    return total // 2, total - total // 2


def conv(x, w, b, s, pad):  # x [n,c,h,w], w [k,k,in,out]
    if pad == "same":
        t, bo = same(x.shape[2], w.shape[0], s)
        l, r = same(x.shape[3], w.shape[1], s)
        x = F.pad(x, (l, r, t, bo))
    return F.conv2d(x, w.permute(3, 2, 0, 1), b, stride=s)


def deconv(x, w, b, s, pad, out):  # w [k,k,out,in]: crop the full transposed convolution
    k = w.shape[0]
    full = F.conv_transpose2d(x, w.permute(3, 2, 0, 1), None, stride=s, output_padding=s - 1)
    t = same(out[0], k, s)[0] if pad == "same" else 0
    l = same(out[1], k, s)[0] if pad == "same" else 0
    return full[:, :, t:t + out[0], l:l + out[1]] + b[None, :, None, None]


def encode(p, x):  # 9x7 -> same/2 -> 5x4 -> valid/2 -> 2x1
    h = F.relu(conv(x, p["encoder.0.kernel"], p["encoder.0.bias"], 2, "same"))
    h = F.relu(conv(h, p["encoder.1.kernel"], p["encoder.1.bias"], 2, "valid"))
    h = h.permute(0, 2, 3, 1).reshape(x.shape[0], -1)
    return h @ p["encoder.3.kernel"] + p["encoder.3.bias"]


def decode(p, z):
    h = F.relu(z @ p["decoder.0.kernel"] + p["decoder.0.bias"])
    h = h.reshape(-1, 2, 1, 3).permute(0, 3, 1, 2)
    h = F.relu(deconv(h, p["decoder.2.kernel"], p["decoder.2.bias"], 2, "valid", (5, 4)))
    return deconv(h, p["decoder.3.kernel"], p["decoder.3.bias"], 2, "same", (H, W))


def soft(z, mu):
    q = 1 / (1 + ((z[:, None] - mu[None]) ** 2).sum(-1))
    return q / q.sum(1, keepdim=True)


def target(q):
    w = q ** 2 / q.sum(0)
    return w / w.sum(1, keepdim=True)


class Adam:
    def __init__(self):
        self.t, self.m, self.v = 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        rate = 1e-3 * np.sqrt(1 - 0.999 ** self.t) / (1 - 0.9 ** self.t)
        f32 = lambda a: a.astype(np.float32).astype(np.float64)
        for n in params:
            g = grads[n].numpy()
            m, v = self.m.get(n, np.zeros_like(g)), self.v.get(n, np.zeros_like(g))
            self.m[n], self.v[n] = f32(0.9 * m + 0.1 * g), f32(0.999 * v + 0.001 * g * g)
            params[n] = torch.tensor(f32(params[n].numpy() - rate * self.m[n] / (np.sqrt(self.v[n]) + 1e-7)))


x_all = torch.tensor(images.astype(np.float64)).permute(0, 3, 1, 2)
record = {"input": [H, W, 1], "d": D, "k": K, "batch": B,
          "images": images.ravel().tolist(), "mu": mu0.ravel().tolist(),
          "weights": {n: w.ravel().tolist() for n, w in start.items()}}


def run(gamma, reconstruction, steps, interval, with_centres=True):
    params = {n: torch.tensor(w.astype(np.float64)) for n, w in start.items()}
    if with_centres:
        params["centres"] = torch.tensor(mu0.astype(np.float64))
    adam, losses, first = Adam(), [], None
    batches = -(-N // B)
    for it in range(steps):
        if it % interval == 0 and with_centres:
            p = target(soft(encode(params, x_all), params["centres"]))
        at = slice((it % batches) * B, min((it % batches + 1) * B, N))
        live = {n: t.clone().requires_grad_(True) for n, t in params.items()}
        z = encode(live, x_all[at])
        lr = ((decode(live, z) - x_all[at]) ** 2).mean() if reconstruction else torch.zeros(())
        q = soft(z, live["centres"]).clamp_min(1e-7) if with_centres else None
        lc = (p[at] * (p[at] / q).log()).sum(1).mean() if with_centres else torch.zeros(())
        grads = torch.autograd.grad(reconstruction * lr + gamma * lc, list(live.values()), allow_unused=True)
        grads = {n: (torch.zeros_like(t) if g is None else g) for (n, t), g in zip(live.items(), grads)}
        if first is None:
            first = {n: g.numpy().ravel().tolist() for n, g in grads.items()}
        losses.append([lr.item(), lc.item()])
        used = {n: t for n, t in params.items() if reconstruction or not n.startswith("decoder")}
        adam.step(used, grads)
        params.update(used)
    out = {n: t.numpy().ravel().tolist() for n, t in params.items() if reconstruction or not n.startswith("decoder")}
    q = soft(encode(params, x_all), params["centres"]) if with_centres else None
    return {"gamma": gamma, "steps": steps, "interval": interval, "losses": losses, "firstGradients": first,
            "final": out, "finalLabels": q.argmax(1).tolist() if with_centres else None}


record["pretrain"] = run(0.0, 1, 6, 1, with_centres=False)
record["dcec"] = run(0.5, 1, 20, 5)
record["dec"] = run(1.0, 0, 20, 5)
with open(__file__.replace(".py", ".json"), "w") as file:
    json.dump(record, file)
    file.write("\n")
