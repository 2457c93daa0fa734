import { describe, expect, it } from 'vitest';
import { inForeground } from '../../../../src/views/live/in-foreground.ts';

/** /proc/PID/stat as proc(5) has it: pid (comm) state ppid pgrp session tty_nr tpgid … */
const stat = (group: number, terminalGroup: number) =>
  `77 (node) 1) S 1 ${group} 5 34816 ${terminalGroup} 4194304 0`;

describe('inForeground', () => {
  it('compares the process group with the terminal’s, whatever the program is called', () => {
    expect(inForeground(() => stat(77, 77))).toBe(true);
    expect(inForeground(() => stat(77, 5))).toBe(false);
  });

  it('takes it for so where the system does not tell', () => {
    expect(
      inForeground(() => {
        throw new Error('no /proc here');
      }),
    ).toBe(true);
  });
});
