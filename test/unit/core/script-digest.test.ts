import { describe, expect, it } from 'vitest';
import { digestBytes } from '../../../src/core/digest.ts';
import { digestScript, isContent } from '../../../src/core/script-digest.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('digestScript', () => {
  it('goes by the tokens of Python, and by the bytes of all else and where there is doubt', () => {
    expect(digestScript('a.py', bytes('x=1 # one\n'))).toBe(digestScript('b/a.PY', bytes('x = 1\n')));
    expect(digestScript('a.py', bytes('x = 1\n'))).not.toBe(digestScript('a.py', bytes('x = 2\n')));
    for (const name of ['a.sh', 'a.R', 'a.pyx', 'py'])
      expect(digestScript(name, bytes('x=1 # one\n'))).toBe(digestBytes('x=1 # one\n'));
    expect(digestScript('a.py', bytes("x = '\n"))).toBe(digestBytes("x = '\n"));
  });
});

describe('isContent', () => {
  it('knows what was planned by its bytes or by its tokens, and nothing else', () => {
    const [now, then, other] = [bytes('x=1 # one\n'), bytes('x = 1\n'), bytes('x = 2\n')];
    expect(isContent(digestScript('a.py', then), 'a.py', now)).toBe(true);
    expect(isContent(digestBytes(now), 'a.py', now)).toBe(true);
    expect(isContent(digestBytes(then), 'a.py', now)).toBe(false);
    expect(isContent(digestScript('a.py', then), 'a.py', other)).toBe(false);
  });
});
