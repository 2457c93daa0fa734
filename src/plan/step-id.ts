import { digestOf } from '../core/digest.ts';
import type { Json } from '../core/json.ts';
import type { Point } from '../core/plan.ts';

/** Windows holds 260 units in a path, most of which are not ours. */
const LENGTH_LIMIT = 120;

/**
 * The id of a step, which is also the name of its folder: `pretrain@embeddingDim=3,seed=0`. Values
 * stand as in JSON, with two exceptions for the sake of file systems: text that could not be taken for
 * another JSON value stands without quotes (`method=dec`), and all but letters, digits and `._+-[]{}`
 * is percent-encoded as in URLs (a comma in a list `%2C`, the quotes around the text "3" `%22`). An id
 * that would be too long for a folder ends in `~` and eight digits of its digest.
 */
export function stepId(key: string, point: Point): string {
  return new StepNames().of(key, point);
}

/** Ids of many steps: what their points and values have in common is encoded once. */
export class StepNames {
  private readonly points = new Map<Point, string>();
  private readonly values = new Map<Json, string>();

  of(key: string, point: Point): string {
    let place = this.points.get(point);
    if (place === undefined) {
      place = this.placeOf(point);
      this.points.set(point, place);
    }
    const id = key + place;
    if (id.length <= LENGTH_LIMIT || place === '') return id;
    return `${id.slice(0, LENGTH_LIMIT - 9).replace(/%.?$/, '')}~${digestOf('step-id', id).slice(0, 8)}`;
  }

  private placeOf(point: Point): string {
    let place = '';
    for (const axis in point) {
      const value = point[axis];
      let text = this.values.get(value);
      if (text === undefined) {
        text = encodeValue(value);
        this.values.set(value, text);
      }
      place += `${place === '' ? '@' : ','}${axis}=${text}`;
    }
    return place;
  }
}

export function encodeValue(value: Json): string {
  const bare = typeof value === 'string' && value !== '' && !readsAsJson(value);
  const text = bare ? value : JSON.stringify(value);
  return text.replace(/[^A-Za-z0-9._+\-[\]{}]/gu, percent).replace(/\.$/, '%2E'); // Windows drops a dot at the end of a name
}

function percent(character: string): string {
  // A lone surrogate has no UTF-8; its replacement does.
  const bytes = new TextEncoder().encode(character);
  return Array.from(bytes, (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}

function readsAsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return /^["[{]/.test(text);
  }
}
