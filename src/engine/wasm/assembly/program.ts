// A network's pass is data: a list of operations, each two words (its kind, its record), run in order.
import { correlate } from './correlate';
import { gather } from './gather';
import { copyPictures, joinGradients, reconstruction, sumPixels } from './pixels';

/**
 * Runs the operations between `program` and `end` for `count` samples.
 *
 * @param wide where the first of them has its batch-wide place: what must last until the whole batch's
 *   loss is known. All other buffers are for the samples of this call alone.
 * @param sumOffset which partial sum gradients are added to: bytes beyond the first
 */
export function run(program: usize, end: usize, wide: usize, count: i32, sumOffset: usize): void {
  for (; program < end; program += 8) {
    const op: usize = load<u32>(program, 4);
    switch (load<u32>(program)) {
      case 0:
        gather(op, wide, count);
        break;
      case 1:
        correlate(op, wide, count, sumOffset);
        break;
      case 2:
        sumPixels(op, count, sumOffset);
        break;
      case 3:
        copyPictures(op, wide, count);
        break;
      case 4:
        reconstruction(op, wide, count);
        break;
      default:
        joinGradients(op, wide, count);
    }
  }
}
