import { createHash } from 'node:crypto';
import { drawStepGraph } from '../../charts/step-graph.ts';
import type { Json } from '../../core/json.ts';
import { shellWord } from '../../core/shell-word.ts';
import { axisText } from '../compare/axis-text.ts';
import { countOf, formatDuration, formatNumber } from '../format.ts';
import { isIntervalBound } from '../metric-names.ts';
import { embeddedJson, type Html, html, trusted } from './html.ts';
import { meanText } from './mean-text.ts';
import type { ReportData, ReportPoint, ReportRun, ReportStep, ResultTable } from './report-data.ts';
import { STYLE } from './style.ts';

export interface PageParts {
  /** The page's script (`browser/main.ts`, bundled). */
  readonly script: string;
  /** When it was made, ISO 8601. */
  readonly madeAt: string;
  readonly version: string;
  /** A page that is served looks for news of its runs. */
  readonly live?: boolean;
}

/** What a page may do: run this one script, show pictures that are in it, and nothing from anywhere else. */
export function contentSecurityPolicy(script: string, live: boolean): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(STYLE)}`,
    'img-src data:',
    ...(live ? ["connect-src 'self'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** The whole page, in one file: nothing is fetched, and it reads without its script but for the figures of points. */
export function renderPage(data: ReportData, { script, madeAt, version, live = false }: PageParts): string {
  const { panels, images, directions, points, metrics, axes } = data;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy(script, live)}">
<meta name="generator" content="clade ${version}">
<title>${data.title}: clade report</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#results">Skip to the results</a>
<header>
<h1>${data.title}</h1>
<p class="sub">${data.runs.map((run) => runLine(run))}</p>
<nav aria-label="Sections">${sections(data).map(([id, name]) => html`<a href="#${id}">${name}</a>`)}<button type="button" id="theme" hidden>Dark or light</button></nav>
</header>
<main>
${data.notices.length > 0 && html`<aside class="notices" role="note"><h2>To know first</h2><ul>${data.notices.map((notice) => html`<li>${notice}</li>`)}</ul></aside>`}
<section id="results"><h2>Results</h2>
${resultTables(data)}
</section>
${
  data.charts.length > 0 &&
  html`<section id="charts"><h2>Against the swept parameters</h2><div class="plates">${data.charts.map(
    ({ title, svg }) => html`<figure><figcaption>${title}</figcaption>${trusted(svg)}</figure>`,
  )}</div></section>`
}
<section id="points"><h2>${countOf(points.length, 'point')}</h2>
${pointTools(data)}
${pointTable(data)}
${data.leftOut > 0 && html`<p class="sub">${countOf(data.leftOut, 'figure')} of points left out to keep this file small (<code>--max-size</code>); the artifacts folder has them.</p>`}
<div id="detail" aria-live="polite"></div>
<noscript><p>The figures of single points need the page's script; they also lie under artifacts/runs.</p></noscript>
</section>
<section id="lineage"><h2>How it was made</h2>
<figure class="wide"><figcaption>Each step is made of what lines lead to it from, and may read what lies further up on them.</figcaption>${trusted(graphOf(data))}</figure>
<details><summary>${countOf(data.steps.length, 'step')}, one by one</summary>${stepTable(data.steps, data.runs.length > 1)}</details>
</section>
<section id="reproduce"><h2>Environment, and how to make it again</h2>
${environmentTable(data)}
${data.runs.map((run) => reproduction(run))}
</section>
</main>
<footer>clade ${version}, ${madeAt.slice(0, 16).replace('T', ' ')} UTC. Mean ± sample standard deviation; a value is marked best only where it is better than every other by more than both deviations together.</footer>
<div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="data">${embeddedJson({ panels, images, directions, axes, metrics, points: points.map(({ id, point, run, metrics: values, panels: own, status }) => ({ id, point, run, metrics: values, panels: own, status })), live })}</script>
<script>${trusted(script)}</script>
</body>
</html>
`;
  return page.text;
}

function sections(data: ReportData): (readonly [string, string])[] {
  return [
    ['results', 'Results'],
    ...(data.charts.length > 0 ? [['charts', 'Charts'] as const] : []),
    ['points', 'Points'],
    ['lineage', 'Lineage'],
    ['reproduce', 'Reproduce'],
  ];
}

function runLine({ id, status, startedAt, durationMs, engine, counts }: ReportRun): Html {
  const took = durationMs === null ? '' : `, ${formatDuration(durationMs)}`;
  const made = `${countOf(counts.total, 'step')}: ${counts.executed} executed, ${counts.reused} reused`;
  const bad = counts.failed > 0 ? `, ${counts.failed} failed` : '';
  return html`<span class="run"><code>${id}</code> <span class="state ${status}">${status}</span> ${startedAt.slice(0, 16).replace('T', ' ')} UTC${took}, engine ${engine}; ${made}${bad}</span>`;
}

/** What was evaluated stands open; what other steps measured is folded away beside it. */
function resultTables(data: ReportData): Html {
  const isMain = ({ columns }: ResultTable) => columns.some((name) => /^(test\.)?(acc|nmi)$/.test(name));
  const some = data.results.some(isMain);
  const main = data.results.filter((table) => !some || isMain(table));
  const others = data.results.filter((table) => !main.includes(table));
  return html`${main.map((table) => resultTable(table, data))}${
    others.length > 0 &&
    html`<details class="printed"><summary>What other steps measured: ${others.map(({ stage }) => stage).join(', ')}</summary>${others.map((table) => resultTable(table, data))}</details>`
  }`;
}

function resultTable({ stage, axes, columns, rows, best }: ResultTable, { runs, over }: ReportData): Html {
  const many = runs.length > 1;
  const caption = over.length > 0 ? `${stage}: mean ± sd over ${over.join(', ')}` : stage;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="sortable">
<caption>${caption}</caption>
<thead><tr>${[...(many ? ['run'] : []), 'step', ...axes].map((name) => heading(name))}${heading('n', true)}${columns.map((name) => heading(name, true))}</tr></thead>
<tbody>${rows.map(
    (row, at) =>
      html`<tr>${many && cell(row.run)}${cell(row.step)}${axes.map((axis) => valueCell(row.point[axis]))}${valueCell(row.n)}${columns.map(
        (column) => {
          const spread = row.values[column];
          if (!spread) return html`<td></td>`;
          const isBest = best[column] === at;
          return html`<td class="number${isBest ? ' best' : ''}" data-value="${spread.mean}">${meanText(spread)}${isBest && html`<span class="mark"> best</span>`}</td>`;
        },
      )}</tr>`,
  )}</tbody></table></div>`;
}

function heading(name: string, numeric = false): Html {
  return html`<th scope="col"${numeric && trusted(' class="number"')} data-column="${name}">${name}</th>`;
}

function cell(text: string): Html {
  return html`<td data-value="${text}">${text}</td>`;
}

function valueCell(value: Json | undefined): Html {
  if (value === undefined) return html`<td></td>`;
  return html`<td${typeof value === 'number' && trusted(' class="number"')} data-value="${axisText(value)}">${axisText(value)}</td>`;
}

/** Figures of test are shown; where there are none, all are. */
function shownFirst(metrics: readonly string[]): ReadonlySet<string> {
  const ofTest = metrics.filter((name) => /\.test\./.test(name));
  return new Set((ofTest.length > 0 ? ofTest : metrics).filter((name) => !isIntervalBound(name)));
}

function pointTools({ metrics }: ReportData): Html {
  const shown = shownFirst(metrics);
  return html`<div class="tools" hidden>
<label>Filter <input id="filter" type="search" spellcheck="false" autocomplete="off" placeholder="gamma&lt;0.1 &amp; test.acc&gt;0.6" aria-describedby="filter-note"></label>
<span id="filter-note" role="status"></span>
<details id="columns"><summary>Columns</summary><div>${metrics.map(
    (name) =>
      html`<label><input type="checkbox" value="${name}"${shown.has(name) && trusted(' checked')}> ${name}</label>`,
  )}</div></details></div>`;
}

function pointTable(data: ReportData): Html {
  const { points, axes, metrics, runs } = data;
  const many = runs.length > 1;
  const shown = shownFirst(metrics);
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Points"><table class="sortable" id="point-table">
<thead><tr>${['point', ...(many ? ['run'] : []), ...axes, 'status'].map((name) => heading(name))}${metrics.map((name) => html`<th scope="col" class="number" data-column="${name}"${!shown.has(name) && trusted(' hidden')}>${name}</th>`)}</tr></thead>
<tbody>${points.map((point) => pointRow(point, data, shown))}</tbody></table></div>`;
}

function pointRow(row: ReportPoint, { axes, metrics, runs }: ReportData, shown: ReadonlySet<string>): Html {
  return html`<tr data-point="${row.id}"><td class="number" data-value="${row.id}"><a href="#point-${row.id}">${row.id}</a></td>${runs.length > 1 && cell(row.run)}${axes.map((axis) => valueCell(row.point[axis]))}${cell(row.status)}${metrics.map(
    (name) => {
      const value = row.metrics[name];
      const hidden = !shown.has(name) && trusted(' hidden');
      return value === undefined
        ? html`<td${hidden}></td>`
        : html`<td class="number" data-value="${value}"${hidden}>${formatNumber(value)}</td>`;
    },
  )}</tr>`;
}

function graphOf({ graph }: ReportData): string {
  return drawStepGraph({
    nodes: graph.nodes.map(({ key, stage, count, state }) => ({
      key,
      note: `${stage === key ? '' : `${stage}, `}${count === 1 ? 'one step' : `${count} steps`}${state === 'made' ? '' : `, ${state}`}`,
      state,
    })),
    edges: graph.edges,
  });
}

function stepTable(steps: readonly ReportStep[], many: boolean): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Steps"><table class="sortable">
<thead><tr>${[...(many ? ['run'] : []), 'step', 'stage', 'verdict'].map((name) => heading(name))}${heading('took', true)}${['artifact', 'parameters', 'notes'].map((name) => heading(name))}</tr></thead>
<tbody>${steps.map(
    ({ run, id, stage, verdict, durationMs, fingerprint, params, notes, failure }) =>
      html`<tr>${many && cell(run)}${cell(id)}${cell(stage)}<td data-value="${verdict}"><span class="state ${verdict}">${verdict}</span></td><td class="number" data-value="${durationMs ?? ''}">${durationMs === null ? '' : formatDuration(durationMs)}</td><td>${fingerprint && html`<code title="${fingerprint}">${fingerprint.slice(0, 12)}</code>`}</td><td class="text">${paramsText(params)}</td><td class="text">${[...notes, ...(failure ? [failure] : [])].join('; ')}</td></tr>`,
  )}</tbody></table></div>`;
}

function paramsText(params: ReportStep['params']): string {
  return Object.entries(params ?? {})
    .map(([name, value]) => `${name}: ${axisText(value)}`)
    .join(', ');
}

function environmentTable({ environment }: ReportData): Html {
  return html`<table class="plain"><tbody>${environment.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  )}</tbody></table>`;
}

function reproduction({ id, file, engine, pipelineText }: ReportRun): Html {
  return html`<h3>Run ${id}</h3>
<p>The same version of clade and the same data give the same bytes on the wasm engine. Data files are known by their digests: <code>clade lineage FILE</code> tells whether a file is the one that was read.</p>
<pre><code>clade run ${shellWord(file)} --engine ${engine}</code></pre>
${
  pipelineText === null
    ? html`<p>The pipeline file of this run is not kept any more.</p>`
    : html`<details class="printed"><summary>${file}, as it was run</summary><pre><code>${pipelineText}</code></pre></details>`
}`;
}
