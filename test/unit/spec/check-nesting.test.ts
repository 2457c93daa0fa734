import { describe, expect, it } from 'vitest';
import { checkNesting, DEPTH_LIMIT } from '../../../src/spec/check-nesting.ts';
import { lexYaml } from '../../../src/spec/read-yaml.ts';

const refused = (text: string) => checkNesting(lexYaml(text), 'p.yaml')?.position;

describe('checkNesting', () => {
  it('allows the limit and refuses one more, at its place', () => {
    expect(refused(`${'['.repeat(DEPTH_LIMIT)}${']'.repeat(DEPTH_LIMIT)}`)).toBeUndefined();
    expect(refused(`# first line\n${'['.repeat(DEPTH_LIMIT + 1)}`)).toMatchObject({
      line: 2,
      column: DEPTH_LIMIT + 1,
    });
    const indented = (depth: number) =>
      Array.from({ length: depth }, (_, index) => `${' '.repeat(index)}a:\n`).join('');
    expect(refused(indented(DEPTH_LIMIT))).toBeUndefined();
    expect(refused(indented(DEPTH_LIMIT + 1))).toMatchObject({ line: DEPTH_LIMIT + 1 });
  });

  it('does not count what stands side by side', () => {
    expect(refused('- [a, {b: c}]\n'.repeat(1000))).toBeUndefined();
    expect(refused('a: { b: [c] }\nd:\n  - e\n  - f: g\n'.repeat(500))).toBeUndefined();
  });

  it('takes brackets and dashes in text for text', () => {
    expect(
      refused(`a: "${'['.repeat(200)}"\nb: ${'x['.repeat(200)}\nc: ${'-'.repeat(200)}\n# ${'{'.repeat(200)}`),
    ).toBeUndefined();
    expect(refused(`a: |\n${'  [\n'.repeat(200)}`)).toBeUndefined();
    expect(refused(`a: plain\n${'  text -\n  goes on - [\n'.repeat(100)}`)).toBeUndefined();
  });
});
