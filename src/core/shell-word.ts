/** A text as one word of `sh` (POSIX Shell Command Language, 2.2.2): as it is where that reads as one, else in quotes. */
export function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
