"""Writes random-sequence.json: what core/random.ts must draw, by a second implementation of xoshiro128** 1.1
(https://prng.di.unimi.it/xoshiro128starstar.c) on the seed's SHA-256.

Run: python3 random-sequence.py > random-sequence.json
"""
import hashlib
import json
import math
import struct

MASK = 0xFFFFFFFF


class Generator:
    def __init__(self, seed):
        self.s = list(struct.unpack("<4I", hashlib.sha256(b"clade-random:" + seed.encode()).digest()[:16]))

    @staticmethod
    def rotl(x, k):
        return ((x << k) | (x >> (32 - k))) & MASK

    def word(self):
        s = self.s
        result = self.rotl(s[1] * 5 & MASK, 7) * 9 & MASK
        t = s[1] << 9 & MASK
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = self.rotl(s[3], 11)
        return result

    def next(self):
        high, low = self.word() >> 5, self.word() >> 6
        return (high * 2**26 + low) / 2**53

    def integer(self, bound):
        limit = 2**32 - 2**32 % bound
        while (word := self.word()) >= limit:
            pass
        return word % bound

    def normals(self):
        radius, turn = math.sqrt(-2 * math.log(1 - self.next())), self.next()
        return [radius * math.cos(2 * math.pi * turn), radius * math.sin(2 * math.pi * turn)]

    def permutation(self, count):
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.integer(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


golden = {}
for seed in ["", "42", "f" * 64, "Schädel"]:
    uniform, whole, normal, shuffled = (Generator(seed) for _ in range(4))
    golden[seed] = {
        "next": [uniform.next() for _ in range(8)],
        "integer": [whole.integer(bound) for bound in (1, 2, 10, 1000, 3_000_000_000, 2**32)],
        "normal": [value for _ in range(4) for value in normal.normals()],
        "permutation": shuffled.permutation(12),
        "fork": Generator(json.dumps([seed, "batch"], separators=(",", ":"), ensure_ascii=False)).next(),
    }
print(json.dumps(golden, indent=1, ensure_ascii=False))
