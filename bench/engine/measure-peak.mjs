// What one core can do at most in strict WebAssembly SIMD: multiply-adds on registers, nothing loaded.
import asc from 'assemblyscript/asc';

const CHAINS = 10; // enough to hide the adder's latency, few enough to stay in registers
const names = Array.from({ length: CHAINS }, (_, index) => `a${index}`);
const SOURCE = `
export function spin(rounds: i32, factor: f32): f32 {
  const x = f32x4.splat(factor);
  ${names.map((name) => `let ${name} = x;`).join(' ')}
  for (let round = 0; round < rounds; round++) {
    ${names.map((name) => `${name} = f32x4.add(f32x4.mul(${name}, x), x);`).join('\n    ')}
  }
  return f32x4.extract_lane(${names.reduce((sum, name) => `f32x4.add(${sum}, ${name})`)}, 0);
}`;

/** GFLOP/s of one core. */
export async function measurePeak() {
  const { binary, error, stderr } = await asc.compileString(SOURCE, {
    optimizeLevel: 3,
    runtime: 'stub',
    enable: ['simd'],
  });
  if (error) throw new Error(stderr.toString());
  const { instance } = await WebAssembly.instantiate(binary);
  const rounds = 100_000;
  let best = 0;
  for (let time = 0; time < 100; time++) {
    const start = performance.now();
    instance.exports.spin(rounds, 0.5);
    best = Math.max(best, (rounds * CHAINS * 4 * 2) / (performance.now() - start) / 1e6);
  }
  return best;
}
