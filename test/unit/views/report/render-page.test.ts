import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../../src/views/report/render-page.ts';
import { PARTS, reportOf } from './report-data.ts';

const page = renderPage(reportOf(3), PARTS);

function dataOf(html: string) {
  return JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]);
}

describe('a report page', () => {
  it('allows its own script and style by their digests, pictures that are in it, and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1];
    const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1];
    expect(policy).toBe(
      `default-src 'none'; script-src ${digest(PARTS.script)}; style-src ${digest(style)}; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    expect(page).toContain(`<script>${PARTS.script}</script>`);
    expect(page).not.toMatch(/ (style|on\w+)="/); // would be refused under this policy
    expect(page.match(/(src|href)="(?!#)[^"]*"/g)).toBeNull();
  });

  it('shows mean ± deviation as far as the deviation reaches, with its number', () => {
    expect(page).toMatch(
      /<td class="number" data-value="3">3<\/td><td class="number" data-value="0.7222">0.722 ± 0.056/,
    );
  });

  it('marks a best value in words too', () => {
    const data = reportOf(1);
    const best = { ...data, results: [{ ...data.results[0], best: { 'test.acc': 0 } }] };
    expect(renderPage(best, PARTS)).toMatch(
      /<td class="number best"[^>]*>0.722 ± 0.056<span class="mark"> best/,
    );
  });

  it('shows the metrics of test first, and keeps the others for the chooser of columns', () => {
    expect(page).toMatch(/<th scope="col" class="number" data-column="evaluate.test.acc">/);
    expect(page).toMatch(/<th scope="col" class="number" data-column="evaluate.val.acc" hidden>/);
  });

  it('says what failed before anything else', () => {
    const failed = renderPage(reportOf(1, { notices: ['pretrain failed: the loss is NaN'] }), PARTS);
    expect(failed.indexOf('pretrain failed: the loss is NaN')).toBeLessThan(failed.indexOf('id="results"'));
    expect(page).not.toContain('To know first');
  });

  it('holds the points and their figures as data for its script', () => {
    const data = dataOf(page);
    expect(data.points.map(({ point }: { point: object }) => point)).toEqual(
      reportOf(3).points.map(({ point }) => point),
    );
    expect(data.panels).toEqual(reportOf(3).panels);
    expect(data.images).toEqual(reportOf(3).images);
  });

  it('lets no text of a user become markup, wherever it stands', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '</script><script>x()</script>',
        '"><img src=x onerror=x()>',
        '<!--<script>',
        "' onclick='x()",
        '&lt;',
      ),
    );
    const skeleton = tags(renderPage(reportWith('plain'), PARTS));
    fc.assert(
      fc.property(nasty, (text) => {
        const html = renderPage(reportWith(text), PARTS);
        expect(tags(html)).toEqual(skeleton);
        expect(dataOf(html).points[0].point.gamma).toBe(JSON.parse(JSON.stringify(text)));
      }),
    );
  });
});

/** The same text everywhere that a user's words come to stand. */
function reportWith(text: string) {
  const data = reportOf(1);
  return reportOf(1, {
    title: text,
    notices: [text],
    environment: [[text, text]],
    runs: [{ ...data.runs[0], file: text, pipelineText: text, engine: text }],
    points: [{ ...data.points[0], point: { gamma: text }, status: text }],
    axes: ['gamma'],
    steps: [{ ...data.steps[0], id: text, notes: [text], failure: text, params: { text } }],
    graph: { nodes: [{ key: text, stage: text, count: 1, state: 'made' }], edges: [] },
  });
}

/** Names of all elements in order, those of text lines within an SVG aside, and of all attributes. */
function tags(html: string): string[] {
  const outside = html.replace(/<svg[\s\S]*<\/svg>/g, '<svg>');
  return [...outside.matchAll(/<(\/?[a-zA-Z!][\w-]*)((?:[^>"]|"[^"]*")*)>/g)].map(
    ([, name, attributes]) =>
      `${name} ${[...attributes.matchAll(/([\w-]+)=?(?:"[^"]*")?/g)].map(([, one]) => one)}`,
  );
}
