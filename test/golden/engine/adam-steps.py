"""Five Adam steps of a small autoencoder and one further parameter, by PyTorch in float64.

Writes adam-steps.json beside itself. Keras adds epsilon to the root of the uncorrected second moment,
PyTorch to that of the corrected one: so PyTorch gets epsilon / sqrt(1 - beta2^t) at step t.
Needs: torch (2.15 was used).
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(7)


def numbers(*shape, scale=0.5):
    # Four digits, so that float32 starts from nearly the same numbers.
    drawn = (torch.rand(*shape, generator=generator) * 2 - 1) * scale
    return torch.tensor([round(v, 4) for v in drawn.flatten().tolist()]).reshape(*shape)


# Names and layouts of clade's networks: conv [k, k, in, out], deconv [k, k, out, in], dense [in, out].
weights = {
    "encoder.0.kernel": numbers(3, 3, 1, 2),
    "encoder.0.bias": numbers(2, scale=0.1),
    "encoder.2.kernel": numbers(32, 2, scale=0.3),
    "encoder.2.bias": numbers(2, scale=0.1),
    "decoder.0.kernel": numbers(2, 32),
    "decoder.0.bias": numbers(32, scale=0.1),
    "decoder.2.kernel": numbers(3, 3, 1, 2),
    "decoder.2.bias": numbers(1, scale=0.1),
}
images = numbers(3, 8, 8, 1)
centre = numbers(2)
start = {name: value.flatten().tolist() for name, value in weights.items()}
start_centre = centre.tolist()

parameters = {name: value.requires_grad_() for name, value in weights.items()}
centre = centre.requires_grad_()
adam = torch.optim.Adam([*parameters.values(), centre], lr=1e-2, betas=(0.9, 0.999))


def forward():
    p = parameters
    x = images.permute(0, 3, 1, 2)
    # 'same' at 8, kernel 3, stride 2: one row and column of zeros at the end.
    kernel = p["encoder.0.kernel"].permute(3, 2, 0, 1)
    h = F.relu(F.conv2d(F.pad(x, (0, 1, 0, 1)), kernel, p["encoder.0.bias"], stride=2))
    flat = h.permute(0, 2, 3, 1).reshape(3, 32)
    z = flat @ p["encoder.2.kernel"] + p["encoder.2.bias"]
    d = F.relu(z @ p["decoder.0.kernel"] + p["decoder.0.bias"]).reshape(3, 4, 4, 2).permute(0, 3, 1, 2)
    kernel = p["decoder.2.kernel"].permute(3, 2, 0, 1)
    y = F.conv_transpose2d(d, kernel, p["decoder.2.bias"], stride=2)[:, :, :8, :8]
    return z, y.permute(0, 2, 3, 1)


errors = []
for step in range(1, 6):
    for group in adam.param_groups:
        group["eps"] = 1e-7 / math.sqrt(1 - 0.999**step)
    adam.zero_grad()
    z, y = forward()
    error = ((y - images) ** 2).mean()
    errors.append(error.item())
    (0.5 * error + 0.05 * ((z - centre) ** 2).sum()).backward()
    adam.step()

json.dump(
    {
        "torch": torch.__version__,
        "images": images.flatten().tolist(),
        "start": start,
        "startCentre": start_centre,
        "errors": errors,
        "end": {name: value.detach().flatten().tolist() for name, value in parameters.items()},
        "endCentre": centre.tolist(),
    },
    (pathlib.Path(__file__).parent / "adam-steps.json").open("w"),
)
