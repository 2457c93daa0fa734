import { describe, expect, it } from 'vitest';
import type { OwnStageDeclaration } from '../../../src/core/own-stage.ts';
import { checkDeclaration } from '../../../src/spec/check-declaration.ts';

const sound: OwnStageDeclaration = {
  summary: 'Does something.',
  parameters: {
    type: 'object',
    properties: { data: { type: 'string', path: true }, count: { type: 'integer', default: 1 } },
    required: ['data'],
  },
  inputs: { images: { description: 'Images.', kind: 'image-set', reads: ['images/'] } },
  outputs: [{ path: 'a.txt', description: 'A.' }],
  sources: [{ parameter: 'data', kind: 'folder' }],
  each: { item: 'subject', input: 'images' },
};
const check = (change: object) => checkDeclaration({ ...sound, ...change } as OwnStageDeclaration, './mine');

describe('checkDeclaration', () => {
  it('takes what is sound, and the least that may be said', () => {
    expect(check({})).toBeNull();
    expect(checkDeclaration({ summary: 'x', inputs: {}, outputs: [] }, './mine')).toBeNull();
  });

  it.each<[string, object, string, string | undefined]>([
    ['a slip', { sumary: 'x' }, "unknown key 'sumary' in the declaration", "did you mean 'summary'?"],
    ['a wrong word', { offers: 'any' }, "'offers' must be a list", undefined],
    [
      'a slip inside an input',
      { inputs: { images: { description: 'x', kind: 'any', reads: ['*'], optinal: true } } },
      "unknown key 'optinal' in 'inputs.images'",
      "did you mean 'optional'?",
    ],
    [
      'a required parameter that is none',
      { parameters: { properties: { data: { path: true } }, required: ['dta'] } },
      "'parameters.required' names 'dta', which is no parameter",
      "did you mean 'data'?",
    ],
    [
      'items of an input that is none',
      { each: { item: 'x', input: 'image' } },
      "'each.input' names 'image', which is no input",
      "did you mean 'images'?",
    ],
    [
      'a source that is no path',
      { sources: [{ parameter: 'count', kind: 'file' }] },
      "'sources' names 'count', which is not declared to be a path",
      "write path: true in 'parameters.properties.count'",
    ],
    [
      'a type that is none',
      { parameters: { properties: { data: { path: true, type: 'text' } } } },
      '\'parameters.properties.data\' has the type "text"',
      undefined,
    ],
  ])('refuses %s', (_, change, message, hint) => {
    const fault = check(change);
    expect(fault?.message).toContain(message);
    if (hint !== undefined) expect(fault?.hint).toBe(hint);
  });
});
