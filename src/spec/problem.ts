import type { Diagnostic, Position } from '../core/diagnostic.ts';

/** Keys and indices from the top of a pipeline file to a value. */
export type ValuePath = readonly (string | number)[];

export type PositionOf = (path: ValuePath, what?: 'key' | 'value') => Position;

/** Something wrong with a value, before its place in the text is looked up. */
export interface Problem {
  readonly path: ValuePath;
  /** What to underline: the value, or the key it stands under. */
  readonly at: 'key' | 'value';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** A part of the text of the value that is meant, where it stands in one line of it. */
  readonly within?: string;
  /** An error unless it says otherwise. */
  readonly severity?: Diagnostic['severity'];
}

/** @param text the pipeline file's. */
export function toDiagnostic(problem: Problem, positionOf: PositionOf, text: string): Diagnostic {
  const { path, at, code, message, hint, within, severity = 'error' } = problem;
  const whole = positionOf(path, at);
  const position = within ? narrow(whole, within, text) : whole;
  return { severity, code, message, ...(hint ? { hint } : {}), position };
}

function narrow(whole: Position, within: string, text: string): Position {
  const line = text.split('\n')[whole.line - 1] ?? '';
  const start = line.indexOf(within, whole.column - 1);
  if (start < 0 || start + within.length > whole.column - 1 + whole.length) return whole;
  return { ...whole, column: start + 1, length: within.length };
}

/** `stages.pretrain.with.size[0]`: how messages name a place in the file. */
export function pathText(path: ValuePath): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

/** The diagnostics in the order of the text; what came from the command line goes first. */
export function inTextOrder(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const place = ({ position }: Diagnostic) => (position ? [position.line, position.column] : [0, 0]);
  return [...diagnostics].sort((a, b) => {
    const [lineA, columnA] = place(a);
    const [lineB, columnB] = place(b);
    return lineA - lineB || columnA - columnB;
  });
}
