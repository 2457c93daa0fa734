const NONE = -1;
/** Cells below this depth are not divided: their side is 2⁻⁴⁸ of the picture's. */
const MAX_DEPTH = 48;

/**
 * Points of the plane in nested squares (Barnes and Hut 1986), rebuilt for each set of positions in
 * arrays that are kept. Points are pairs: x of point i at `2 * i`, y at `2 * i + 1`.
 */
export class Quadtree {
  private capacity = 0;
  private size = 0;
  /** First of a cell's four children, which lie side by side; NONE for a leaf. */
  private children = new Int32Array(0);
  private counts = new Int32Array(0);
  private sumX = new Float64Array(0);
  private sumY = new Float64Array(0);
  private readonly stack: number[] = [];
  private readonly sides: number[] = [];
  private left = 0;
  private bottom = 0;
  private side = 0;

  build(points: Float64Array): void {
    const count = points.length / 2;
    this.reserve(8 * count + 64);
    this.measure(points);
    this.size = 0;
    this.addCells(1);
    for (let point = 0; point < count; point++) this.insert(points[2 * point], points[2 * point + 1]);
  }

  /**
   * Adds Σ_j (1 + d²)⁻² (y_i − y_j) to `force` (two numbers at `at`). A cell whose side is less
   * than theta times its distance counts as one point at its centre of mass.
   * @returns Σ_j (1 + d²)⁻¹ over all points, the one at (x, y) itself, which is 1, included.
   */
  addRepulsion(x: number, y: number, theta: number, force: Float64Array, at: number): number {
    const { stack, sides, children, counts, sumX, sumY } = this;
    const thetaSquared = theta * theta;
    let total = 0;
    let forceX = 0;
    let forceY = 0;
    let depth = 0;
    stack[depth] = 0;
    sides[depth++] = this.side;
    while (depth > 0) {
      const cell = stack[--depth];
      const side = sides[depth];
      const count = counts[cell];
      const dx = x - sumX[cell] / count;
      const dy = y - sumY[cell] / count;
      const squared = dx * dx + dy * dy;
      if (children[cell] === NONE || side * side < thetaSquared * squared) {
        const kernel = 1 / (1 + squared);
        total += count * kernel;
        const weight = count * kernel * kernel;
        forceX += weight * dx;
        forceY += weight * dy;
        continue;
      }
      for (let child = children[cell]; child < children[cell] + 4; child++) {
        if (counts[child] === 0) continue;
        stack[depth] = child;
        sides[depth++] = side / 2;
      }
    }
    force[at] += forceX;
    force[at + 1] += forceY;
    return total;
  }

  /** The smallest square around all points, a little wider so that each lies inside. */
  private measure(points: Float64Array): void {
    let right = Number.NEGATIVE_INFINITY;
    let top = Number.NEGATIVE_INFINITY;
    this.left = Number.POSITIVE_INFINITY;
    this.bottom = Number.POSITIVE_INFINITY;
    for (let at = 0; at < points.length; at += 2) {
      this.left = Math.min(this.left, points[at]);
      right = Math.max(right, points[at]);
      this.bottom = Math.min(this.bottom, points[at + 1]);
      top = Math.max(top, points[at + 1]);
    }
    this.side = Math.max(right - this.left, top - this.bottom) * (1 + 1e-9);
  }

  private insert(x: number, y: number): void {
    let cell = 0;
    let left = this.left;
    let bottom = this.bottom;
    let half = this.side / 2;
    for (let depth = 0; ; depth++) {
      if (this.children[cell] === NONE) {
        const count = this.counts[cell];
        const same = count > 0 && this.sumX[cell] / count === x && this.sumY[cell] / count === y;
        if (count === 0 || same || depth === MAX_DEPTH) {
          this.add(cell, 1, x, y);
          return;
        }
        this.divide(cell, left + half, bottom + half);
      }
      this.add(cell, 1, x, y);
      const isRight = x >= left + half;
      const isUpper = y >= bottom + half;
      cell = this.children[cell] + (isRight ? 1 : 0) + (isUpper ? 2 : 0);
      if (isRight) left += half;
      if (isUpper) bottom += half;
      half /= 2;
    }
  }

  /** Gives a leaf four children and hands its content, points of one place, to the one where they lie. */
  private divide(cell: number, middleX: number, middleY: number): void {
    const first = this.addCells(4);
    this.children[cell] = first;
    const count = this.counts[cell];
    const x = this.sumX[cell] / count;
    const y = this.sumY[cell] / count;
    const child = first + (x >= middleX ? 1 : 0) + (y >= middleY ? 2 : 0);
    this.counts[child] = count;
    this.sumX[child] = this.sumX[cell];
    this.sumY[child] = this.sumY[cell];
  }

  private add(cell: number, count: number, x: number, y: number): void {
    this.counts[cell] += count;
    this.sumX[cell] += x;
    this.sumY[cell] += y;
  }

  private addCells(count: number): number {
    const first = this.size;
    this.size += count;
    if (this.size > this.capacity) this.reserve(2 * this.size);
    this.children.fill(NONE, first, this.size);
    this.counts.fill(0, first, this.size);
    this.sumX.fill(0, first, this.size);
    this.sumY.fill(0, first, this.size);
    return first;
  }

  private reserve(capacity: number): void {
    if (capacity <= this.capacity) return;
    this.capacity = capacity;
    this.children = grow(this.children, new Int32Array(capacity));
    this.counts = grow(this.counts, new Int32Array(capacity));
    this.sumX = grow(this.sumX, new Float64Array(capacity));
    this.sumY = grow(this.sumY, new Float64Array(capacity));
  }
}

function grow<T extends Int32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
