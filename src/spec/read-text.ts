import type { Diagnostic } from '../core/diagnostic.ts';

/** A pipeline is written by hand: what is larger was not meant to be one, and would only cost time. */
export const SIZE_LIMIT_BYTES = 1024 * 1024;

/** The text of a pipeline file without a byte order mark, or what keeps it from being text. */
export function readText(bytes: Uint8Array, file: string): { text: string; diagnostic: Diagnostic | null } {
  const at = (offset: number, text: string) => {
    const before = text.slice(0, offset).split('\n');
    return { file, line: before.length, column: before[before.length - 1].length + 1, length: 1 };
  };
  const refuse = (code: string, message: string, hint?: string, offset = 0, text = '') => ({
    text,
    diagnostic: {
      severity: 'error' as const,
      code,
      message,
      ...(hint ? { hint } : {}),
      position: at(offset, text),
    },
  });
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('not-utf8', 'the file is UTF-16 text, and a pipeline is UTF-8', 'save it as UTF-8');
  }
  const head = bytes.subarray(0, SIZE_LIMIT_BYTES);
  if (head.includes(0)) {
    return refuse('binary-file', 'this is a binary file, not a pipeline: it holds zero bytes');
  }
  const whole = bytes.length <= SIZE_LIMIT_BYTES;
  let text: string;
  try {
    // A prefix may end inside a character, which `stream` forgives.
    text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole });
  } catch {
    const lossy = new TextDecoder('utf-8').decode(head);
    const offset = Math.max(0, lossy.indexOf('\ufffd'));
    return refuse('not-utf8', 'the file is not UTF-8 text from here on', 'save it as UTF-8', offset, lossy);
  }
  if (!whole) {
    const size = (bytes.length / SIZE_LIMIT_BYTES).toFixed(1);
    return refuse('too-large', `the file has ${size} MiB, and a pipeline at most 1 MiB`, undefined, 0, text);
  }
  if (text.trim() === '') {
    return refuse('empty-file', 'the file is empty', "'clade init' writes a pipeline to start from", 0, text);
  }
  return { text, diagnostic: null };
}
