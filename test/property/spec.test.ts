import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../src/spec/render-diagnostic.ts';
import { parseText } from '../support/read-pipeline.ts';

/** Either a spec or an error, each with a place in the file that exists, and printable. */
function holdsForAnyInput(input: string | Uint8Array): void {
  const { spec, diagnostics, text } = parseText(input);
  expect(spec === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
  const lines = text.split('\n');
  for (const diagnostic of diagnostics) {
    const { position } = diagnostic;
    expect(position?.line).toBeGreaterThanOrEqual(1);
    expect(position?.line).toBeLessThanOrEqual(lines.length);
    expect(position?.column).toBeGreaterThanOrEqual(1);
    expect(position?.column).toBeLessThanOrEqual(lines[position!.line - 1].length + 1);
    const rendered = renderDiagnostic(diagnostic, text);
    expect(rendered).toMatch(/^p\.yaml:\d+:\d+: (error|warning|note): ./);
    expect(rendered).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  }
}

/** Fragments that pipelines are made of, put together at random. */
const fragment = fc.constantFrom(
  'stages:',
  'params:',
  'sweep:',
  'grid:',
  'expect:',
  'include:',
  'uses: ingest',
  'uses: pretrain',
  'needs: { dataset: split }',
  'with: { size: [128, 128] }',
  'with:',
  'over: [seed]',
  'source: phantom',
  'gamma: "${{ params.gamma }}"',
  'seed: [0, 1]',
  '${{',
  '}}',
  '&a',
  '*a',
  '- ',
  '? ',
  ': ',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '|',
  '>',
  '#',
  '---',
  '...',
  '!!str',
  '%YAML 1.2',
  '<<: *a',
  '__proto__: 1',
  'constructor: 2',
  '\t',
  '\r\n',
  '\u2028',
  '\u{1f9e0}',
  '\u001b[31m',
  '9007199254740993',
  '.nan',
);
const soup = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 6 }), fragment, fc.constantFrom('\n', ' ', '')), {
    maxLength: 40,
  })
  .map((parts) =>
    parts.map(([indent, text, end]) => (end === '\n' ? ' '.repeat(indent) : '') + text + end).join(''),
  );

describe('parsePipeline', () => {
  it('never throws on arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), holdsForAnyInput), { numRuns: 300 });
  });

  it('never throws on arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 400 }), holdsForAnyInput), { numRuns: 300 });
  });

  it('never throws on what is made of the pieces of pipelines', () => {
    fc.assert(fc.property(soup, holdsForAnyInput), { numRuns: 600 });
  });

  it('never throws on a pipeline in which something was replaced', () => {
    const text = `name: x
seed: 3
params: { d: 3, m: dec, data: x }
stages:
  ingest: { uses: ingest, with: { source: images, path: "\${{ params.data }}" } }
  split: { uses: split, needs: { images: ingest, index: ingest } }
  pretrain: { uses: pretrain, needs: { dataset: split }, with: { embeddingDim: "\${{ params.d }}", network: [{ type: conv, filters: 3 }] } }
sweep: { grid: { d: [1, 2], seed: [0, 1] }, exclude: [{ d: 1 }], include: [{ d: 5 }] }
expect: { pretrain: { mse: { atMost: 1 } }, sweep: [{ metric: pretrain.mse, over: seed, mean: { within: 1, of: 2 } }] }
`;
    const words = text.match(/[\w.-]+|[^\w\s]/g)!.length;
    const edit = fc.tuple(fc.nat(words - 1), fc.oneof(fragment, fc.json({ maxDepth: 2 })));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let seen = -1;
        holdsForAnyInput(
          text.replace(/[\w.-]+|[^\w\s]/g, (word) => {
            seen++;
            return edits.find(([index]) => index === seen)?.[1] ?? word;
          }),
        );
      }),
      { numRuns: 600 },
    );
  });
});
