"""Writes imaging.json: resized and resampled pictures by Pillow and scipy.

    pip install numpy pillow scipy
    python make-imaging.py
"""
import json
from pathlib import Path
import numpy as np
from PIL import Image
from scipy import ndimage

random = np.random.default_rng(11)
picture = random.random((17, 23)).astype(np.float32)


def flat(array):
    return {"height": array.shape[0], "width": array.shape[1], "pixels": [round(float(value), 8) for value in array.ravel()]}


methods = {"lanczos": Image.Resampling.LANCZOS, "bilinear": Image.Resampling.BILINEAR, "nearest": Image.Resampling.NEAREST}
resized = [
    {"method": name, **flat(np.asarray(Image.fromarray(picture).resize((width, height), filter)))}
    for name, filter in methods.items()
    for height, width in [(7, 9), (17, 23), (31, 40), (5, 40), (1, 1)]
]

# Output (x, y) → input (x, y): a turn with a scale, a shift beyond the border, and a shear.
maps = [[0.9, -0.3, 4.25, 0.35, 1.1, -3.5], [1, 0, 12.5, 0, 1, -6.75], [1.2, 0.4, -5, 0, 0.7, 2]]
warped = []
for xx, xy, x0, yx, yy, y0 in maps:
    matrix = np.array([[yy, yx], [xy, xx]])  # scipy's axes are (y, x)
    result = ndimage.affine_transform(
        picture.astype(float), matrix, offset=[y0, x0], output_shape=(14, 19), order=1, mode="grid-constant", cval=0.5
    )
    warped.append({"method": "bilinear", "map": [xx, xy, x0, yx, yy, y0], **flat(result)})
# Pillow's resize has Keys' kernel with a = -1/2 (its transform has another). Inside the picture only.
for left, top, width, height in [(3.5, 4.25, 11.4, 7.7), (2.0, 3.0, 19.0, 7.0)]:
    xx, yy = width / 19, height / 14
    box = (left, top, left + width, top + height)
    result = Image.fromarray(picture).resize((19, 14), Image.Resampling.BICUBIC, box=box)
    mapped = [xx, 0, left + xx / 2 - 0.5, 0, yy, top + yy / 2 - 0.5]
    warped.append({"method": "cubic", "map": mapped, **flat(np.asarray(result))})

golden = {
    "picture": flat(picture),
    "resized": resized,
    "warped": warped,
    "percentiles": {str(p): float(np.percentile(picture.astype(float), p)) for p in [0, 1, 2.5, 50, 99, 100]},
}
Path(__file__).with_name("imaging.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
