import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../core/duration.ts';

/** Options that several commands share, said once. */
export function artifactsOption(): Option {
  return new Option('--artifacts <dir>', 'where artifacts are kept').default('artifacts');
}

export function setOption(): Option {
  return repeatable('--set <key=value>', 'set a parameter (value read as YAML); a swept one fixes that axis');
}

export function runsArgument(): Argument {
  return new Argument('[runs...]', 'ids, starts of ids, or latest').default(['latest'], 'latest');
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

/** May be given several times. @param none what the help says of where it is not given at all. */
export function repeatable(flags: string, description: string, none = 'none'): Option {
  const collect = (value: string, before: readonly string[]) => [...before, value];
  return new Option(flags, description).argParser(collect).default([], none);
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

/** `30d`, `12h`, `8w`, `0`: milliseconds. */
export function age(value: string): number {
  const inDays = value.trim().replace(/^(\d+(?:\.\d+)?)w$/, (_, weeks) => `${Number(weeks) * 7}d`);
  const ageMs = inDays === '0' ? 0 : parseDuration(inDays);
  if (ageMs === null) throw new InvalidArgumentError('expected an age such as 90m, 12h, 30d or 8w');
  return ageMs;
}

const SIZE_UNITS = ['', 'K', 'M', 'G', 'T'];

/** `500MB`, `20GiB`, `0`: bytes. */
export function size(value: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i.exec(value.trim());
  if (match === null) throw new InvalidArgumentError('expected a size such as 500MB or 20GiB');
  let bytes = Number(match[1]);
  for (let unit = SIZE_UNITS.indexOf(match[2].toUpperCase()); unit > 0; unit--)
    bytes *= match[3] ? 1024 : 1000;
  return Math.round(bytes);
}

export type Register = (program: Command) => void;
