import { drawScatter, placePoints } from '../../../charts/scatter.ts';
import { drawFigure, scatterInput } from '../draw-figure.ts';
import type { Panel, ScatterPanel } from '../report-data.ts';

/** PNG, base64, by name. */
type Images = { readonly [name: string]: string };

/** A panel with its caption, drawn from its numbers by the same charts that stages draw with. */
export function drawPanel(panel: Panel, images: Images): HTMLElement {
  const figure = document.createElement('figure');
  figure.className = panel.kind;
  const caption = document.createElement('figcaption');
  caption.textContent = `${panel.step.split('@')[0]}: ${panel.title}`; // the heading names the point
  figure.append(caption);
  if (panel.kind === 'pictures') figure.append(pictures(panel, images));
  else if (panel.kind === 'scatter') figure.append(...scatter(panel));
  else figure.append(drawn(drawFigure(panel)));
  return figure;
}

/** SVG of `charts` is markup in which every text was escaped. */
function drawn(svg: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'drawn';
  box.innerHTML = svg;
  return box;
}

function pictures({ pairs }: Extract<Panel, { kind: 'pictures' }>, images: Images): HTMLElement {
  const box = document.createElement('div');
  box.className = 'pairs';
  for (const [index, pair] of pairs.entries()) {
    const column = document.createElement('div');
    for (const [at, name] of pair.entries()) {
      const image = document.createElement('img');
      image.src = `data:image/png;base64,${images[name]}`;
      image.alt = `${at === 0 ? 'original' : 'reconstruction'} ${index + 1}`;
      column.append(image);
    }
    box.append(column);
  }
  return box;
}

let scatterCount = 0;

/** By cluster, and where labels are known by true class; the point under the pointer is named. */
function scatter(panel: ScatterPanel): HTMLElement[] {
  const box = document.createElement('div');
  const show = (by: 'cluster' | 'class') => box.replaceChildren(drawnScatter(panel, by));
  show('cluster');
  if (!panel.classes) return [box];
  const choice = document.createElement('div');
  choice.className = 'choice';
  const name = `colour-${scatterCount++}`;
  for (const by of ['cluster', 'class'] as const) {
    const label = document.createElement('label');
    const input = document.createElement('input');
    Object.assign(input, { type: 'radio', name, checked: by === 'cluster' });
    input.addEventListener('change', () => show(by));
    label.append(input, by === 'cluster' ? ' by cluster' : ' by true class');
    choice.append(label);
  }
  return [choice, box];
}

function drawnScatter(panel: ScatterPanel, by: 'cluster' | 'class'): HTMLElement {
  const input = scatterInput(panel, by);
  const box = drawn(drawScatter(input));
  const svg = box.querySelector('svg')!;
  const places = placePoints(input);
  const tip = document.getElementById('tip')!;
  svg.addEventListener('pointermove', (event) => {
    const bounds = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / bounds.width;
    const at = [(event.clientX - bounds.left) * scale, (event.clientY - bounds.top) * scale];
    const found = nearest(places, at[0], at[1]);
    tip.hidden = found === null;
    if (found === null) return;
    const label = panel.classes ? panel.classNames?.[panel.classes[found]] : undefined;
    tip.textContent = [panel.ids[found], `cluster ${panel.clusters[found]}`, ...(label ? [label] : [])].join(
      ', ',
    );
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  });
  svg.addEventListener('pointerleave', () => {
    tip.hidden = true;
  });
  return box;
}

const REACH = 9;

function nearest(places: readonly (readonly [number, number] | null)[], x: number, y: number): number | null {
  let best: number | null = null;
  let least = REACH * REACH;
  for (const [index, place] of places.entries()) {
    if (!place) continue;
    const distance = (place[0] - x) ** 2 + (place[1] - y) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
