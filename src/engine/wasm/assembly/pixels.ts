// What a training step does to pixels besides convolving them. Records as in ../operations.ts.

/**
 * Adds, over the pixels of `count` samples, every channel of y to the sums at `sumOffset` beyond the
 * first: a bias gradient, [⌈channels/8⌉][8].
 */
export function sumPixels(op: usize, count: i32, sumOffset: usize): void {
  const ySample: usize = load<u32>(op, 4);
  const yRow: usize = load<u32>(op, 8);
  const height = load<i32>(op, 12);
  const width = load<i32>(op, 16);
  const channels = load<i32>(op, 20);
  let sum: usize = load<u32>(op, 24) + sumOffset;
  const y: usize = load<u32>(op);
  if (channels === 1) {
    sumSingleChannel(y, ySample, yRow, height, width, count, sum);
    return;
  }
  const pixelBytes: usize = channels * 4;
  for (let channel = 0; channel < channels; channel += 8) {
    let a0 = v128.load(sum);
    let a1 = v128.load(sum, 16);
    let b0 = f32x4.splat(0);
    let b1 = b0;
    for (let sample = 0; sample < count; sample++) {
      for (let row = 0; row < height; row++) {
        let at = y + sample * ySample + row * yRow + channel * 4;
        let left = width;
        for (; left >= 2; left -= 2) {
          a0 = f32x4.add(a0, v128.load(at));
          a1 = f32x4.add(a1, v128.load(at, 16));
          at += pixelBytes;
          b0 = f32x4.add(b0, v128.load(at));
          b1 = f32x4.add(b1, v128.load(at, 16));
          at += pixelBytes;
        }
        if (left) {
          a0 = f32x4.add(a0, v128.load(at));
          a1 = f32x4.add(a1, v128.load(at, 16));
        }
      }
    }
    v128.store(sum, f32x4.add(a0, b0));
    v128.store(sum, f32x4.add(a1, b1), 16);
    sum += 32;
  }
}

function sumSingleChannel(
  y: usize,
  ySample: usize,
  yRow: usize,
  height: i32,
  width: i32,
  count: i32,
  sum: usize,
): void {
  let total: f32 = load<f32>(sum);
  for (let sample = 0; sample < count; sample++) {
    let a = f32x4.splat(0);
    let b = a;
    let tail: f32 = 0;
    for (let row = 0; row < height; row++) {
      let at = y + sample * ySample + row * yRow;
      let left = width;
      for (; left >= 8; left -= 8, at += 32) {
        a = f32x4.add(a, v128.load(at));
        b = f32x4.add(b, v128.load(at, 16));
      }
      for (; left > 0; left--, at += 4) tail += load<f32>(at);
    }
    a = f32x4.add(a, b);
    total +=
      f32x4.extract_lane(a, 0) +
      f32x4.extract_lane(a, 1) +
      (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3)) +
      tail;
  }
  store<f32>(sum, total);
}

/**
 * The reconstruction error of `count` samples and its gradient: gradient = scale · (out − target), zero
 * where `relu` and out is not above zero; error = Σ (out − target)², in float64, one a sample. Target and
 * error count from `wide`.
 */
export function reconstruction(op: usize, wide: usize, count: i32): void {
  const outRow: usize = load<u32>(op, 8);
  const targetSample: usize = load<u32>(op, 16);
  const targetRow: usize = load<u32>(op, 20);
  const gradientRow: usize = load<u32>(op, 32);
  const rowFloats = load<i32>(op, 36);
  const height = load<i32>(op, 40);
  const scale = load<f32>(op, 44);
  const relu = load<i32>(op, 48);
  const errorSample: usize = load<u32>(op, 56);
  const scales = f32x4.splat(scale);
  const zero = f32x4.splat(0);
  for (let sample = 0; sample < count; sample++) {
    const firstOut: usize = load<u32>(op) + sample * <usize>load<u32>(op, 4);
    const firstTarget: usize = load<u32>(op, 12) + wide + sample * targetSample;
    const firstGradient: usize = load<u32>(op, 24) + sample * <usize>load<u32>(op, 28);
    let low = f64x2.splat(0);
    let high = low;
    let tail: f64 = 0;
    for (let row = 0; row < height; row++) {
      let out = firstOut + row * outRow;
      let target = firstTarget + row * targetRow;
      let gradient = firstGradient + row * gradientRow;
      let left = rowFloats;
      for (; left >= 4; left -= 4) {
        const value = v128.load(out);
        const difference = f32x4.sub(value, v128.load(target));
        let slope = f32x4.mul(difference, scales);
        if (relu) slope = v128.and(slope, f32x4.gt(value, zero));
        v128.store(gradient, slope);
        const d0 = f64x2.promote_low_f32x4(difference);
        const d1 = f64x2.promote_low_f32x4(v128.shuffle<f64>(difference, difference, 1, 1));
        low = f64x2.add(low, f64x2.mul(d0, d0));
        high = f64x2.add(high, f64x2.mul(d1, d1));
        out += 16;
        target += 16;
        gradient += 16;
      }
      for (; left > 0; left--) {
        const value = load<f32>(out);
        const difference: f32 = value - load<f32>(target);
        store<f32>(gradient, relu && !(value > 0) ? 0 : difference * scale);
        tail += <f64>difference * <f64>difference;
        out += 4;
        target += 4;
        gradient += 4;
      }
    }
    low = f64x2.add(low, high);
    store<f64>(
      load<u32>(op, 52) + wide + sample * errorSample,
      f64x2.extract_lane(low, 0) + f64x2.extract_lane(low, 1) + tail,
    );
  }
}

/** Copies the rows of `count` samples to another picture. Bits of the last word: 1 where from, 2 where to counts from `wide`. */
export function copyPictures(op: usize, wide: usize, count: i32): void {
  const fromSample: usize = load<u32>(op, 4);
  const fromRow: usize = load<u32>(op, 8);
  const toSample: usize = load<u32>(op, 16);
  const toRow: usize = load<u32>(op, 20);
  const rows = load<i32>(op, 24);
  const bytes: usize = load<u32>(op, 28);
  const flags = load<u32>(op, 32);
  let from: usize = load<u32>(op) + (flags & 1 ? wide : 0);
  let to: usize = load<u32>(op, 12) + (flags & 2 ? wide : 0);
  for (let sample = 0; sample < count; sample++) {
    for (let row = 0; row < rows; row++) memory.copy(to + row * toRow, from + row * fromRow, bytes);
    from += fromSample;
    to += toSample;
  }
}

/**
 * The gradient at the embedding: what the decoder left there where `useInner`, plus the loss's own where
 * `useOuter`; zero where `mask` (the embedding, if it is rectified) is not above zero. Those two count from `wide`.
 */
export function joinGradients(op: usize, wide: usize, count: i32): void {
  const innerSample: usize = load<u32>(op, 4);
  const units: usize = load<u32>(op, 16);
  const useInner = load<i32>(op, 20);
  const useOuter = load<i32>(op, 24);
  const masked = load<i32>(op, 28);
  const wideSample: usize = load<u32>(op, 32);
  let inner: usize = load<u32>(op);
  let outer: usize = load<u32>(op, 8) + wide;
  let mask: usize = load<u32>(op, 12) + wide;
  for (let sample = 0; sample < count; sample++) {
    for (let at: usize = 0; at < units * 4; at += 4) {
      let value: f32 = useInner ? load<f32>(inner + at) : 0;
      if (useOuter) value += load<f32>(outer + at);
      store<f32>(inner + at, masked && !(load<f32>(mask + at) > 0) ? 0 : value);
    }
    inner += innerSample;
    outer += wideSample;
    mask += wideSample;
  }
}
