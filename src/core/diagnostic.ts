/** A place in a text file; line and column count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How much to underline, in UTF-16 units on that line; at least 1. */
  readonly length: number;
}

/** Something to say about a pipeline file. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'note';
  /** Stable, kebab-case: `unknown-parameter`, `cycle`, … */
  readonly code: string;
  /** What was expected and what was given, on one line. */
  readonly message: string;
  /** What would be right: "did you mean 'gamma'?". */
  readonly hint?: string;
  /** Absent for what came from the command line. */
  readonly position?: Position;
}
