import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../../src/spec/render-diagnostic.ts';

const at = (line: number, column: number, length: number, message = 'wrong', hint?: string) => ({
  severity: 'error' as const,
  code: 'x',
  message,
  ...(hint ? { hint } : {}),
  position: { file: 'p.yaml', line, column, length },
});

describe('renderDiagnostic', () => {
  it('shows place, message, line, carets and hint', () => {
    expect(renderDiagnostic(at(2, 4, 3, 'wrong', 'right'), 'one\ntwo two\nthree')).toBe(
      ['p.yaml:2:4: error: wrong', '  2 | two two', '    |    ^^^', '    = right'].join('\n'),
    );
  });

  it('leaves the line out where there is none, and the place where it came from the command line', () => {
    expect(renderDiagnostic(at(9, 1, 1), 'one')).toBe('p.yaml:9:1: error: wrong');
    expect(renderDiagnostic({ severity: 'warning', code: 'x', message: 'odd', hint: 'why' }, '')).toBe(
      'warning: odd\n  = why',
    );
  });

  it('puts carets below what they mean after tabs, wide characters and marks', () => {
    const carets = (text: string, column: number, length: number) =>
      renderDiagnostic(at(1, column, length), text).split('\n')[2];
    expect(carets('\tx: y', 5, 1)).toBe('    | \t   ^');
    expect(carets('脳: y', 4, 1)).toBe('    |     ^');
    expect(carets('脳脳', 1, 2)).toBe('    | ^^^^');
    expect(carets('e\u0301: y', 5, 1)).toBe('    |    ^');
    expect(carets('🧠: y', 5, 1)).toBe('    |     ^');
  });

  it('shows of a long line what is around the place', () => {
    const text = `${'a'.repeat(500)}BAD${'c'.repeat(500)}`;
    const [, line, carets] = renderDiagnostic(at(1, 501, 3), text).split('\n');
    expect(line.length).toBeLessThan(130);
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('BAD');
    const [, , open] = renderDiagnostic(at(1, 501, 503), text).split('\n');
    expect(open.length).toBeLessThan(130);
  });

  it('lets no control character through to the terminal, and no carriage return', () => {
    expect(renderDiagnostic(at(1, 1, 1, 'a\u001b[31mb'), 'x\u001b[2J\u0007\r\n')).toBe(
      ['p.yaml:1:1: error: a\ufffd[31mb', '  1 | x\ufffd[2J\ufffd', '    | ^'].join('\n'),
    );
  });
});
