"""Writes pinned-math.json: arguments and correctly rounded results, as the hexadecimal bits of doubles.

Needs mpmath (1.3). Arguments: fixed hard ones and seeded random ones over each function's domain.
Run: python3 pinned-math.py > pinned-math.json
"""
import json
import math
import random
import struct

import mpmath as mp

rng = random.Random(20210607)


def bits(x):
    return struct.pack(">d", x).hex()


def any_double():
    while True:
        x = struct.unpack(">d", rng.getrandbits(64).to_bytes(8, "big"))[0]
        if math.isfinite(x):
            return x


def spread(low, high):
    """Log-uniform size, either sign."""
    return math.ldexp(rng.choice([-1, 1]) * rng.uniform(1, 2), rng.randint(low, high - 1))


def round_to_double(t):
    """Nearest double, ties to even, subnormals and overflow included."""
    if mp.isinf(t) or t == 0:
        return float(t)
    exponent = max(int(mp.floor(mp.log(abs(t), 2))), -1022) - 52
    steps = int(mp.nint(t / mp.mpf(2) ** exponent))
    if exponent > 971 or (exponent == 971 and abs(steps) >= 2**53):
        return math.copysign(math.inf, steps)
    return math.ldexp(steps, exponent)


unary_arguments = {
    "exp": [lambda: rng.uniform(-745, 709.7), lambda: spread(-60, 3), lambda: rng.uniform(-745, -708)],
    "expm1": [lambda: rng.uniform(-60, 709.7), lambda: spread(-60, 1), lambda: rng.uniform(-0.4, 0.4)],
    "log": [lambda: abs(any_double()), lambda: 1 + spread(-52, -2), lambda: math.ldexp(rng.random(), -1022)],
    "log1p": [lambda: abs(any_double()), lambda: spread(-60, -1), lambda: -1 + 2 ** -rng.uniform(1, 53)],
    "sin": [any_double, lambda: spread(-30, 4), lambda: rng.randint(1, 10**6) * math.pi / 2, lambda: spread(18, 22)],
    "asin": [lambda: rng.uniform(-1, 1), lambda: spread(-40, -1), lambda: 1 - 2 ** -rng.uniform(1, 53)],
    "atan": [any_double, lambda: spread(-30, 30), lambda: rng.uniform(-2, 2)],
    "sinh": [lambda: rng.uniform(-710.4, 710.4), lambda: spread(-30, 5), lambda: rng.uniform(0.25, 0.35)],
    "asinh": [any_double, lambda: spread(-30, 40), lambda: rng.uniform(-2, 2)],
    "acosh": [lambda: 1 + abs(any_double()), lambda: 1 + 2 ** -rng.uniform(0, 52), lambda: 1 + abs(spread(0, 40))],
    "atanh": [lambda: rng.uniform(-1, 1), lambda: spread(-30, -1), lambda: 1 - 2 ** -rng.uniform(1, 53)],
    "cbrt": [any_double, lambda: spread(-1074, -1000), lambda: float(rng.randint(-100, 100) ** 3)],
}
unary_arguments["log2"] = unary_arguments["log10"] = unary_arguments["log"]
unary_arguments["cos"] = unary_arguments["tan"] = unary_arguments["sin"]
unary_arguments["acos"] = unary_arguments["asin"]
unary_arguments["cosh"] = unary_arguments["tanh"] = unary_arguments["sinh"]

binary_arguments = {
    "pow": [
        lambda: (rng.uniform(0.2, 5), rng.uniform(-400, 400)),
        lambda: (abs(any_double()), rng.uniform(-1, 1)),
        lambda: (1 + spread(-40, -10), spread(0, 45)),
        lambda: (float(rng.randint(-30, 30)), float(rng.randint(1, 12))),
        lambda: (float(-rng.randint(1, 30)), float(-rng.randint(1, 200))),
    ],
    "atan2": [lambda: (any_double(), any_double()), lambda: (spread(-20, 20), spread(-20, 20))],
    "hypot": [
        lambda: (any_double(), any_double()),
        lambda: (rng.random(), rng.random()),
        lambda: (spread(-1074, -1000), spread(-1074, -1000)),
    ],
}

# Doubles that lie exceptionally near a multiple of pi/2, and the ends of the range.
hard_angles = [math.ldexp(6381956970095103, 797), math.ldexp(5319372648326541, 99), 22.0, 355.0, 710.0,
               1e22, 1.7976931348623157e308, 5e-324, 999999.9999999999, 1000000.0, 1e6 + 0.5, math.pi, math.pi / 4]
hard = {"sin": hard_angles, "cos": hard_angles, "tan": hard_angles,
        "exp": [709.782712893384, -745.133219101941, -708.4, 5e-324],
        "log": [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1 + 2**-52, 1 - 2**-53]}

functions = {
    name: getattr(mp, name)
    for name in "exp expm1 log log1p log10 sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh atan2 hypot".split()
}
functions["log2"] = lambda x: mp.log(x) / mp.log(2)
functions["cbrt"] = lambda x: mp.sign(x) * mp.cbrt(abs(x))
functions["pow"] = mp.power

mp.mp.prec = 2400  # enough for the remainder of the largest angle and for 1 + the smallest argument
golden = {}
for name, makers in {**unary_arguments, **binary_arguments}.items():
    rows = []
    cases = [(x,) for x in hard.get(name, [])]
    for maker in makers:
        for _ in range(20):
            drawn = maker()
            cases.append(drawn if isinstance(drawn, tuple) else (drawn,))
    for case in cases:
        if not all(map(math.isfinite, case)) or (name == "pow" and case[0] == 0):
            continue
        result = round_to_double(functions[name](*map(mp.mpf, case)))
        rows.append([*map(bits, case), bits(result)])
    golden[name] = rows

print("{")
print(",\n".join(f'"{name}": {json.dumps(rows, separators=(",", ":"))}' for name, rows in sorted(golden.items())))
print("}")
