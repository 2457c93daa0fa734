import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of numbers; `Kind` is the typed array's class. */
export function readArray(folder, name, Kind = Float32Array) {
  const { buffer, byteOffset, byteLength } = readFileSync(join(folder, name));
  // A small file's bytes lie in a pool, at an address that need not suit.
  return new Kind(buffer.slice(byteOffset, byteOffset + byteLength));
}

export function readJson(folder, name) {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

/** A network and its weights by name. */
export function readNetwork(folder, name) {
  const { network, parameters } = readJson(folder, `${name}.json`);
  const values = readArray(folder, `${name}-weights.f32`);
  const weights = new Map();
  let at = 0;
  for (const { name: parameter, shape } of parameters) {
    const count = shape.reduce((product, length) => product * length, 1);
    weights.set(parameter, values.slice(at, at + count));
    at += count;
  }
  return { network, weights };
}

/** Weights of an encoder alone. */
export function encoderWeights(weights) {
  return new Map([...weights].filter(([name]) => name.startsWith('encoder.')));
}
