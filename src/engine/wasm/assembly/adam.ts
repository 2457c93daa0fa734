// From partial sums to new weights.

/**
 * to[row][column] = (s0 + s1) + (s2 + s3) of the four partial sums in panels [⌈columns/8⌉][rows][8]. That
 * there are four, and their order, is fixed: so the bytes are the same however many threads made them.
 */
export function reducePanels(from: usize, partialBytes: usize, rows: i32, columns: i32, to: usize): void {
  for (let column = 0; column < columns; column += 8) {
    const lanes = min(8, columns - column);
    for (let row = 0; row < rows; row++) {
      const low = sumOfPartials(from, partialBytes);
      const high = sumOfPartials(from + 16, partialBytes);
      let target = to + (row * columns + column) * 4;
      if (lanes === 8) {
        v128.store(target, low);
        v128.store(target, high, 16);
      } else {
        // The first partial sum is done with: a place to take single lanes from.
        v128.store(from, low);
        v128.store(from, high, 16);
        for (let lane = 0; lane < lanes; lane++, target += 4) store<f32>(target, load<f32>(from + lane * 4));
      }
      from += 32;
    }
  }
}

function sumOfPartials(from: usize, partialBytes: usize): v128 {
  const second = from + partialBytes;
  const third = second + partialBytes;
  return f32x4.add(
    f32x4.add(v128.load(from), v128.load(second)),
    f32x4.add(v128.load(third), v128.load(third + partialBytes)),
  );
}

/**
 * One step of Adam on `count` (a multiple of 4) weights, in the order of operations of ../../adam.ts:
 * m = β₁m + (1−β₁)g, v = β₂v + (1−β₂)g², w −= length · m / (√v + ε).
 */
export function adam(
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  count: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  length: f32,
  epsilon: f32,
): void {
  const beta1s = f32x4.splat(beta1);
  const beta2s = f32x4.splat(beta2);
  const rest1s = f32x4.splat(rest1);
  const rest2s = f32x4.splat(rest2);
  const lengths = f32x4.splat(length);
  const epsilons = f32x4.splat(epsilon);
  for (let at: usize = 0; at < <usize>count * 4; at += 16) {
    const slope = v128.load(g + at);
    const first = f32x4.add(f32x4.mul(beta1s, v128.load(m + at)), f32x4.mul(rest1s, slope));
    const second = f32x4.add(
      f32x4.mul(beta2s, v128.load(v + at)),
      f32x4.mul(rest2s, f32x4.mul(slope, slope)),
    );
    v128.store(m + at, first);
    v128.store(v + at, second);
    const change = f32x4.div(f32x4.mul(lengths, first), f32x4.add(f32x4.sqrt(second), epsilons));
    v128.store(w + at, f32x4.sub(v128.load(w + at), change));
  }
}
