"""Writes formats.json: small files made by numpy, safetensors and Pillow, with the values they hold.

    pip install numpy safetensors pillow
    python make-formats.py
"""
import base64, io, json, struct, zlib
from pathlib import Path
import numpy as np
from PIL import Image
from safetensors.numpy import save

random = np.random.default_rng(5)
text = lambda data: base64.b64encode(data).decode()


def npy_bytes(array, version=None):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=version)
    return {"bytes": text(out.getvalue())}


def npy(array, version=None):
    return npy_bytes(array, version) | {"shape": list(array.shape), "values": array.ravel().tolist()}


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced(pixels):
    """An Adam7 PNG, which Pillow reads and does not write."""
    height, width = pixels.shape
    depth = 8 * pixels.itemsize
    rows = b""
    for x, y, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y::dy, x::dx]
        if part.size:
            rows += b"".join(b"\0" + row.astype(f">u{pixels.itemsize}").tobytes() for row in part)
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def png(image, expected=None):
    """A file and the grey values that Pillow makes of it."""
    if isinstance(image, bytes):
        data = image
    else:
        out = io.BytesIO()
        image.save(out, "PNG")
        data = out.getvalue()
    grey = np.asarray(Image.open(io.BytesIO(data)) if expected is None else expected)
    return {"bytes": text(data), "shape": list(grey.shape), "values": grey.ravel().tolist()}


grey8 = random.integers(0, 256, (11, 13), dtype=np.uint8)
grey16 = random.integers(0, 65536, (11, 13), dtype=np.uint16)
rgb = random.integers(0, 256, (11, 13, 3), dtype=np.uint8)
alpha = random.integers(0, 256, (11, 13), dtype=np.uint8)
luminance = np.asarray(Image.fromarray(rgb).convert("L"))
palette = Image.fromarray(rgb).quantize(5)
bits = Image.fromarray((grey8 > 127).astype(np.uint8) * 255).convert("1")

files = {
    "npy": {kind: npy((random.normal(size=(2, 3, 5)) * 100).astype(kind)) for kind in ["<f4", "<f8", "i1", "<i2", "<i4"]}
    | {kind: npy(random.integers(0, 200, (4,)).astype(kind)) for kind in ["u1", "<u2", "<u4"]}
    | {"scalar": npy(np.float64(2.5)[()].reshape(())), "empty": npy(np.zeros((0, 4), "<f4"))},
    "npyForeign": {
        "fortran": npy(np.asfortranarray(random.normal(size=(2, 3, 4)))),
        "bigEndian": npy(random.normal(size=(3, 2)).astype(">f4")),
        "version2": npy(random.normal(size=(3,)), version=(2, 0)),
        "int64": npy(np.array([[0, -5], [2**31 - 1, -(2**31)]])),
        "bool": npy(np.array([True, False, True])),
        "int64TooLarge": npy(np.array([2**31])),
        "complex": npy_bytes(np.zeros(2, complex)),
        "structured": npy_bytes(np.zeros(2, [("a", "f4"), ("b", "i4")])),
    },
    "png": {
        "grey8": png(Image.fromarray(grey8)),
        "grey16": png(Image.fromarray(grey16)),
        "bits": png(bits, np.asarray(bits).astype(np.uint8) * 255),
        "rgb": png(Image.fromarray(rgb), luminance),
        "palette": png(palette, np.asarray(palette.convert("RGB").convert("L"))),
        "rgbOfGrey": png(Image.merge("RGB", [Image.fromarray(grey8)] * 3), grey8),
        "greyAlpha": png(
            Image.merge("LA", [Image.fromarray(grey8), Image.fromarray(alpha)]),
            np.rint(grey8.astype(float) * alpha / 255).astype(int),
        ),
        "interlaced8": png(interlaced(grey8), grey8),
        "interlaced16": png(interlaced(grey16), grey16),
    },
}
for name in ["interlaced8", "interlaced16"]:  # Pillow agrees with what the script above wrote
    entry = files["png"][name]
    read = np.asarray(Image.open(io.BytesIO(base64.b64decode(entry["bytes"]))))
    assert read.ravel().tolist() == entry["values"]

tensors = {"b": random.normal(size=(2, 3)).astype("f4"), "a": random.integers(0, 9, (4,)).astype("u1"), "c": random.normal(size=()).astype("f8")}
files["safetensors"] = {
    "bytes": text(save(tensors, {"note": "hi"})),
    "tensors": {name: {"shape": list(array.shape), "values": array.ravel().tolist()} for name, array in tensors.items()},
}
Path(__file__).with_name("formats.json").write_text(json.dumps(files, separators=(",", ":")) + "\n")
