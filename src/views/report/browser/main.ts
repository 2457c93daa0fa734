import type { JsonObject } from '../../../core/json.ts';
import { parseFilter } from '../../ui/filter.ts';
import type { Panel, ReportPoint } from '../report-data.ts';
import { drawPanel } from './draw-panel.ts';
import { followRuns } from './follow-runs.ts';
import { makeSortable } from './sort-table.ts';

interface PageData {
  readonly panels: { readonly [id: string]: Panel };
  readonly images: { readonly [name: string]: string };
  readonly axes: readonly string[];
  readonly metrics: readonly string[];
  readonly points: readonly ReportPoint[];
  readonly live: boolean;
}

const byId = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const data = JSON.parse(byId('data').textContent!) as PageData;
const table = byId<HTMLTableElement>('point-table');
const detail = byId('detail');

function rows(): HTMLTableRowElement[] {
  return [...table.tBodies[0].rows];
}

function pointOf(row: HTMLTableRowElement): ReportPoint {
  return data.points.find(({ id }) => id === row.dataset.point)!;
}

/** The same language as in `clade ui`: `gamma<0.1 & test.acc>0.6`. */
function applyFilter(): void {
  const note = byId('filter-note');
  const text = byId<HTMLInputElement>('filter').value;
  const names = [...data.axes, ...data.metrics, 'status', 'run'];
  const parsed = text.trim() === '' ? null : parseFilter(text, names);
  note.className = parsed && !parsed.ok ? 'wrong' : '';
  delete note.dataset.filter;
  if (parsed && !parsed.ok) {
    note.textContent = parsed.message;
    return;
  }
  let shown = 0;
  for (const row of rows()) {
    const { point, metrics, status, run } = pointOf(row);
    const all: JsonObject = { ...point, ...metrics, status, run };
    row.hidden = parsed !== null && !parsed.filter((column) => all[column]);
    if (!row.hidden) shown++;
  }
  note.textContent = parsed ? `${shown} of ${data.points.length}` : '';
  if (parsed) note.dataset.filter = text; // paper shows it in place of the field
}

function showColumn(name: string, shown: boolean): void {
  const at = [...table.tHead!.rows[0].cells].findIndex((cell) => cell.dataset.column === name);
  for (const row of table.rows) row.cells[at].hidden = !shown;
}

/** The figures of the point that the address names are drawn when it is looked at, not before. */
function showPoint(): void {
  const id = /^#point-(\d+)$/.exec(location.hash)?.[1];
  const point = data.points.find((one) => one.id === id);
  if (!point) return;
  for (const row of rows()) {
    if (row.dataset.point === id) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
  const heading = document.createElement('h3');
  const values = Object.entries(point.point).map(([axis, value]) => `${axis} = ${String(value)}`);
  heading.textContent = `Point ${point.id}${values.length > 0 ? `: ${values.join(', ')}` : ''}`;
  heading.id = `point-${point.id}`;
  heading.append(moves(point));
  const plates = document.createElement('div');
  plates.className = 'plates';
  for (const panel of point.panels) plates.append(drawPanel(data.panels[panel], data.images));
  if (point.panels.length === 0)
    plates.textContent = 'No step of this point has made anything that can be drawn here.';
  detail.replaceChildren(heading, plates);
}

/** To the points before and after it, in the order that the table has now. */
function moves(point: ReportPoint): HTMLElement {
  const shown = rows().filter((row) => !row.hidden);
  const at = shown.findIndex((row) => row.dataset.point === point.id);
  const box = document.createElement('span');
  box.className = 'move';
  for (const [name, row] of [
    ['Previous', shown[at - 1]],
    ['Next', shown[at + 1]],
  ] as const) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name;
    button.disabled = at < 0 || !row;
    button.addEventListener('click', () => {
      location.hash = `#point-${row.dataset.point}`;
    });
    box.append(button);
  }
  return box;
}

function offerThemes(): void {
  const button = byId<HTMLButtonElement>('theme');
  button.hidden = false;
  button.addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
}

/**
 * Paper has nothing to press: what was folded away is printed too, and folded again afterwards. The steps one by
 * one would be many pages: they are printed where the reader has opened them.
 */
function unfoldForPrint(): void {
  const unfolded: HTMLDetailsElement[] = [];
  addEventListener('beforeprint', () => {
    unfolded.push(...document.querySelectorAll<HTMLDetailsElement>('details.printed:not([open])'));
    for (const one of unfolded) one.open = true;
  });
  addEventListener('afterprint', () => {
    for (const one of unfolded.splice(0)) one.open = false;
  });
}

for (const one of document.querySelectorAll<HTMLTableElement>('table.sortable')) makeSortable(one);
for (const tools of document.querySelectorAll<HTMLElement>('.tools')) tools.hidden = false;
byId('filter').addEventListener('input', applyFilter);
byId('columns').addEventListener('change', ({ target }) => {
  const { value, checked } = target as HTMLInputElement;
  showColumn(value, checked);
});
offerThemes();
unfoldForPrint();
addEventListener('hashchange', showPoint);
showPoint();
if (data.points.length === 1 && detail.childElementCount === 0) {
  history.replaceState(null, '', '#point-1');
  showPoint();
}
if (data.live) followRuns();
