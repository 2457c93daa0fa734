import type { Finding } from '../check.ts';
import type { GoldenPair } from './golden-pair.ts';

/** Files of which nothing more is known; of texts the first line that differs. */
export function compareBytes({ golden, bytes }: Pick<GoldenPair, 'golden' | 'bytes'>): Finding {
  const [before, now] = [textOf(golden), textOf(bytes)];
  if (before === null || now === null) return { ok: false, got: otherBytes(golden, bytes) };
  const [linesBefore, linesNow] = [before.split('\n'), now.split('\n')];
  const at = linesNow.findIndex((line, index) => line !== linesBefore[index]);
  const line = at < 0 ? linesNow.length : at;
  return {
    ok: false,
    got: `another text from line ${line + 1} on`,
    details: [`− ${shorten(linesBefore[line])}`, `+ ${shorten(linesNow[line])}`],
  };
}

function otherBytes(golden: Uint8Array, bytes: Uint8Array): string {
  const at = bytes.findIndex((byte, index) => byte !== golden[index]);
  const from = `other bytes from byte ${(at < 0 ? bytes.length : at) + 1} on`;
  return bytes.length === golden.length ? from : `${from}, ${bytes.length} instead of ${golden.length}`;
}

function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function shorten(line: string | undefined): string {
  if (line === undefined) return '(the text ends)';
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
