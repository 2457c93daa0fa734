"""Widths of texts in DejaVu Sans, from the font file itself (fontTools: cmap and hmtx, no kerning).

Usage: python text-widths.py PATH/TO/dejavu-fonts-ttf/ttf > text-widths.json
Made with fonttools 4 and DejaVu 2.37.
"""

import json
import sys
from pathlib import Path

from fontTools.ttLib import TTFont

TEXTS = [
    " !\"#$%&'()*+,-./0123456789:;<=>?@",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`",
    "abcdefghijklmnopqrstuvwxyz{|}~",
    "embedding dimension d",
    "DCEC, γ = 0.01",
    "mean ± sd, n = 3–5 seeds",
    "128×128×1",
    "2×10⁻⁵",
    "−0.25",
    "Ärztliche Größe",
]


def width_em(font, text):
    cmap = font.getBestCmap()
    units = sum(font["hmtx"][cmap[ord(character)]][0] for character in text)
    return round(units / font["head"].unitsPerEm, 4)


folder = Path(sys.argv[1])
faces = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf"}
fonts = {face: TTFont(folder / name) for face, name in faces.items()}
print(json.dumps([{"text": text, **{face: width_em(font, text) for face, font in fonts.items()}} for text in TEXTS], ensure_ascii=False, indent=1))
