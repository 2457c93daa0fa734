import type { Panel, ReportData } from './report-data.ts';

type Entry = readonly [id: string, panel: Panel];

/** Pictures of images are by far the largest, and the least missed. */
const isPictures = ([, { kind }]: Entry) => kind === 'pictures';

/**
 * The report with as many figures of points as `bytes` of JSON hold, in the order of the steps. Where there is
 * no room for all, every point has fewer pictures; where one pair each is too many, later points have none,
 * and at last figures drawn from numbers are left out too. `leftOut` says how many figures it lacks.
 */
export function fitPanels(data: ReportData, bytes: number): ReportData {
  const entries = Object.entries(data.panels);
  const drawn = entries.filter((entry) => !isPictures(entry));
  const pictures = entries.filter(isPictures);
  const most = Math.max(1, ...pictures.map(([, panel]) => pairCount(panel)));
  let fitted = new Fitted(data, bytes);
  for (let pairs = most; pairs > 0; pairs--) {
    fitted = new Fitted(data, bytes);
    for (const entry of drawn) fitted.add(entry);
    const left = pictures.filter(([id, panel]) => !fitted.add([id, withPairs(panel, pairs)]));
    if (left.length === 0) break;
  }
  return fitted.report();
}

function pairCount(panel: Panel): number {
  return panel.kind === 'pictures' ? panel.pairs.length : 0;
}

/** So many pairs, evenly from among all: those of all points are of the same images. */
function withPairs(panel: Panel, most: number): Panel {
  if (panel.kind !== 'pictures' || panel.pairs.length <= most) return panel;
  const { length } = panel.pairs;
  const pairs = Array.from({ length: most }, (_, at) => panel.pairs[Math.floor((at * length) / most)]);
  return { ...panel, title: `${panel.title}, ${most} of ${length}`, pairs };
}

/** Figures and the pictures in them, as long as there is room. */
class Fitted {
  readonly #data: ReportData;
  readonly #panels = new Map<string, Panel>();
  readonly #images = new Set<string>();
  #left: number;

  constructor(data: ReportData, bytes: number) {
    this.#data = data;
    this.#left = bytes;
  }

  /** Whether there was room. */
  add([id, panel]: Entry): boolean {
    const names = panel.kind === 'pictures' ? new Set(panel.pairs.flat()) : new Set<string>();
    const added = [...names].filter((name) => !this.#images.has(name));
    const size = [sizeOf(id, panel), ...added.map((name) => sizeOf(name, this.#data.images[name]))].reduce(
      (sum, one) => sum + one,
    );
    if (size > this.#left) return false;
    this.#left -= size;
    this.#panels.set(id, panel);
    for (const name of added) this.#images.add(name);
    return true;
  }

  report(): ReportData {
    const { panels, images, points } = this.#data;
    return {
      ...this.#data,
      panels: Object.fromEntries(this.#panels),
      images: Object.fromEntries([...this.#images].map((name) => [name, images[name]])),
      points: points.map((point) => ({
        ...point,
        panels: point.panels.filter((id) => this.#panels.has(id)),
      })),
      leftOut: Object.keys(panels).length - this.#panels.size,
    };
  }
}

/** Bytes of a member of a JSON object: quotes, colon and comma included. */
function sizeOf(name: string, value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value)) + name.length + 4;
}
