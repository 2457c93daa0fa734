import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options that several commands share, said once. */
export function artifactsOption(): Option {
  return new Option('--artifacts <dir>', 'where artifacts are kept').default('artifacts');
}

export function setOption(): Option {
  return new Option('--set <key=value>', 'set a parameter (value read as YAML); a swept one fixes that axis')
    .argParser(collect)
    .default([], 'none');
}

export function engineOption(): Option {
  return new Option(
    '--engine <name>',
    "what computes: wasm, tensorflow, webgpu, or auto (default: the pipeline's, else wasm)",
  ).env('CLADE_ENGINE');
}

export function jsonOption(): Option {
  return new Option('--json', 'as JSON');
}

/** For options that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

export function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('expected a whole number from 1');
  return number;
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < 0)
    throw new InvalidArgumentError('expected a whole number from 0');
  return number;
}

export type Register = (program: Command) => void;
