const START = /(?:[bB][rR]?|[rR][bBfFtT]?|[uU]|[fFtT][rR]?)?(?:'''|"""|'|")/y;

/**
 * The end of the string literal that begins at a place of a Python program; the place itself where none
 * does, null where that is in doubt: unfinished, or an f-string that Pythons before and after 3.12 read differently.
 */
export function scanString(text: string, at: number): number | null {
  START.lastIndex = at;
  const start = START.exec(text)?.[0];
  if (start === undefined) return at;
  const quote = start.replace(/^[A-Za-z]+/, '');
  const prefix = start.slice(0, start.length - quote.length).toLowerCase();
  const literal = { text, quote, raw: prefix.includes('r') };
  const begin = at + start.length;
  return /[ft]/.test(prefix) ? endOfFormatted(literal, begin) : endOfPlain(literal, begin);
}

interface Literal {
  readonly text: string;
  readonly quote: string;
  readonly raw: boolean;
}

function endOfPlain({ text, quote }: Literal, begin: number): number | null {
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text.startsWith(quote, at)) return at + quote.length;
    else if (text[at] === '\n' && quote.length === 1) return null;
  }
  return null;
}

/** The text of an f-string, with its fields in braces. */
function endOfFormatted(literal: Literal, begin: number): number | null {
  const { text, quote } = literal;
  let at = begin;
  while (at < text.length) {
    if (text.startsWith(quote, at)) return at + quote.length;
    const next = nextInText(literal, at, false);
    if (next === null) return null;
    at = next;
  }
  return null;
}

/** Past one piece of an f-string's text, or of the format within a field; null where that is in doubt. */
function nextInText(literal: Literal, at: number, inFormat: boolean): number | null {
  const { text, quote, raw } = literal;
  const here = text[at];
  if (here === '\n' && (quote.length === 1 || inFormat)) return null;
  if (here === '\\') {
    if (inFormat) return null;
    if (!raw && text.startsWith('N{', at + 1)) {
      const close = /\{[A-Za-z0-9 -]+\}/y; // a character by its name
      close.lastIndex = at + 2;
      const name = close.exec(text)?.[0];
      return name === undefined ? null : at + 2 + name.length;
    }
    return /[{}]/.test(text[at + 1] ?? '') ? at + 1 : at + 2;
  }
  if (here === '{') {
    if (text[at + 1] !== '{') return endOfField(literal, at + 1);
    return inFormat ? null : at + 2;
  }
  if (here === '}') return !inFormat && text[at + 1] === '}' ? at + 2 : null;
  return at + 1;
}

/** Past the brace that closes a field; `begin` is past the one that opens it. */
function endOfField(literal: Literal, begin: number): number | null {
  const { text } = literal;
  const brackets: string[] = [];
  let at = begin;
  while (at < text.length) {
    const string = scanString(text, at);
    if (string === null) return null;
    if (string > at) {
      at = string;
      continue;
    }
    const here = text[at];
    // A line break, a comment or a backslash within: read differently before 3.12.
    if (here === '\n' || here === '#' || here === '\\') return null;
    if (/[\p{ID_Start}_]/u.test(here)) {
      at += /^[\p{ID_Continue}]+/u.exec(text.slice(at, at + 200))![0].length;
      continue;
    }
    if ('([{'.includes(here)) brackets.push(here);
    else if (brackets.length > 0 && ')]}'.includes(here)) {
      if (OPENS[here] !== brackets.pop()) return null;
    } else if (here === '}') return at + 1;
    else if (here === ':' && brackets.length === 0) return endOfFormat(literal, at + 1);
    else if (')]'.includes(here)) return null;
    at++;
  }
  return null;
}

const OPENS: { readonly [bracket: string]: string } = { ')': '(', ']': '[', '}': '{' };

/** What stands after the colon of a field, up to the brace that closes it. */
function endOfFormat(literal: Literal, begin: number): number | null {
  const { text, quote } = literal;
  let at = begin;
  while (at < text.length) {
    if (text[at] === '}') return at + 1;
    if (text.startsWith(quote, at)) return null;
    const next = nextInText(literal, at, true);
    if (next === null) return null;
    at = next;
  }
  return null;
}
