import { describe, expect, it } from 'vitest';
import { holdsReference, parsePieces } from '../../../src/spec/references.ts';

describe('parsePieces', () => {
  it('takes text and references apart', () => {
    expect(parsePieces('a ${{ params.x }}/${{seed}}')).toEqual([
      { kind: 'literal', text: 'a ' },
      { kind: 'reference', reference: { kind: 'params', name: 'x', inside: [] }, written: '${{ params.x }}' },
      { kind: 'literal', text: '/' },
      { kind: 'reference', reference: { kind: 'seed' }, written: '${{seed}}' },
    ]);
  });

  it('reads values inside parameters, and axes', () => {
    expect(parsePieces('${{ params.a-b.c.0 }}')[0]).toMatchObject({
      reference: { name: 'a-b', inside: ['c', '0'] },
    });
    expect(parsePieces('${{ sweep.d }}')[0]).toMatchObject({ reference: { kind: 'sweep', axis: 'd' } });
  });

  it('takes $${{ for a plain ${{, and other dollars for what they are', () => {
    expect(parsePieces('$${{ x }} $5 {{ y }} $$')).toEqual([
      { kind: 'literal', text: '${{ x }} $5 {{ y }} $$' },
    ]);
    expect(parsePieces('$$${{')).toEqual([{ kind: 'literal', text: '$${{' }]);
  });

  it.each([
    '${{ params }}',
    '${{ params. }}',
    '${{ env.HOME }}',
    '${{ sweep.a.b }}',
    '${{ 1 + 1 }}',
    '${{ }}',
    '${{ params.x',
  ])('finds no reference in %s', (text) =>
    expect(parsePieces(text)).toEqual([{ kind: 'bad', written: text, expression: expect.any(String) }]));
});

describe('holdsReference', () => {
  it('looks into lists and mappings, not at keys', () => {
    expect(holdsReference([{ a: ['x', '${{ params.y }}'] }])).toBe(true);
    expect(holdsReference({ '${{ params.y }}': [1, null, 'x'] })).toBe(false);
  });
});
