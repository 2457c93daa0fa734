import { describe, expect, it } from 'vitest';
import { listOwnStages } from '../../../src/spec/list-own-stages.ts';

const list = (text: string) => listOwnStages(new TextEncoder().encode(text), 'p.yaml');

describe('listOwnStages', () => {
  it.each([
    ['plain', 'stages: { a: { uses: ./x }, b: { uses: ../y/z } }', ['./x', '../y/z']],
    ['in quotes', 'stages:\n  a:\n    "uses": \'./x\'\n', ['./x']],
    ['on another line', 'stages:\n  a:\n    uses:\n      ./x\n', ['./x']],
    ['behind a comment', 'stages:\n  a:\n    uses: # mine\n      ./x\n', ['./x']],
    ['behind an alias', 'params: { p: &p ./x }\nstages:\n  a: { uses: *p }\n', ['./x']],
    ['as a block', 'stages:\n  a:\n    uses: >-\n      ./x\n', ['./x']],
    ['each once', 'stages: { a: { uses: ./x }, b: { uses: ./x } }', ['./x']],
    ["none among clade's own", 'stages: { a: { uses: split, with: { path: ./x } } }', []],
    ['none in what is no pipeline', '- uses: ./x\n', []],
    ['none in what is no YAML', 'stages: { a: { uses: ./x }', []],
  ])('%s', (_, text, expected) => {
    expect(list(text)).toEqual(expected);
  });
});
