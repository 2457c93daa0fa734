import { scanString } from './strings.ts';

/** Marks in the stream that stand for no text; no token of a program looks like them. */
const NEWLINE = '\n';
const INDENT = '\t+';
const DEDENT = '\t-';

/**
 * What a Python program means to its compiler: its tokens, comments and layout left out, strings (docstrings
 * too) as they are written. Two programs with one stream have one syntax tree, in any Python 3.
 *
 * Null wherever there is any doubt (what no Python 3 reads alike, tabs and spaces mixed, an encoding other than
 * UTF-8, comments that tools obey): the caller then goes by the bytes. Names and rules: Python's reference,
 * "Lexical analysis"; the tests hold it against Python's own `tokenize`.
 */
export function pythonTokens(bytes: Uint8Array): string[] | null {
  const text = decode(bytes);
  if (text === null || COMMENTS_OBEYED.test(text)) return null;
  const tokens: string[] = [];
  const shebang = /^#!.*/.exec(text);
  if (shebang) tokens.push(shebang[0]); // decides which Python a script is called with
  return scan(text, tokens) ? tokens : null;
}

/** Declarations of another encoding (PEP 263), and of what a script needs (PEP 723). */
const COMMENTS_OBEYED = /^[ \t\f]*#[^\n]*coding[:=](?![ \t]*utf-?8\b)|^# \/\/\/ /im;
// Of control characters only tab, form feed and newline mean something.
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f\u007f]|\r(?!\n)/;

function decode(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes); // without its byte order mark
    return CONTROL.test(text) ? null : text.replaceAll('\r\n', '\n');
  } catch {
    return null;
  }
}

const SPACE = /[ \t\f]*/y;
const COMMENT = /#[^\n]*/y;
const NAME = /[\p{ID_Start}_][\p{ID_Continue}]*/uy;
const NUMBER =
  /(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*|\d(?:_?\d)*\.?)(?:[eE][-+]?\d(?:_?\d)*)?[jJ]?)/y;
const OPERATOR =
  /\*\*=|\/\/=|>>=|<<=|\.\.\.|!=|->|:=|\*\*|\/\/|<<|>>|<=|>=|==|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|@=|[-+*/%@&|^~<>()[\]{},:;.=]/y;

/** Appends the tokens of a text. @returns whether there is no doubt about them. */
function scan(text: string, tokens: string[]): boolean {
  const indents = [''];
  const brackets: string[] = [];
  let at = 0;
  /** Nothing of the line has been seen, or only what is before its first token. */
  let line: 'new' | 'indented' | 'begun' = 'new';
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (!found) return null;
    at += found.length;
    return found;
  };

  while (at < text.length) {
    const space = take(SPACE) ?? '';
    take(COMMENT);
    if (at === text.length) break;
    if (text[at] === '\n') {
      at++;
      if (line === 'begun' && brackets.length === 0) {
        tokens.push(NEWLINE);
        line = 'new';
      }
      continue;
    }
    if (line === 'new') {
      if (!indent(space, indents, tokens)) return false;
      line = 'indented';
    }
    if (text[at] === '\\') {
      // A line that goes on; one that begins so, or is the last, is read differently here and there.
      if (line !== 'begun' || text[at + 1] !== '\n' || at + 2 === text.length) return false;
      at += 2;
      continue;
    }
    line = 'begun';
    const end = scanString(text, at);
    if (end === null) return false;
    if (end > at) {
      tokens.push(text.slice(at, end));
      at = end;
      continue;
    }
    const number = NUMBER_STARTS.test(text.slice(at, at + 2)) ? take(NUMBER) : null;
    if (number !== null && (OLD_OCTAL.test(number) || touchesWord(text, at))) return false;
    const token = number ?? take(NAME) ?? take(OPERATOR);
    if (token === null) return false;
    if ('([{'.includes(token)) brackets.push(token);
    if (token in OPENS && brackets.pop() !== OPENS[token]) return false;
    tokens.push(token);
  }
  if (brackets.length > 0) return false;
  if (line === 'begun') tokens.push(NEWLINE);
  for (let open = indents.length; open > 1; open--) tokens.push(DEDENT);
  return true;
}

/** `0777`, which Python 2 knew. */
const OLD_OCTAL = /^0[0-9_]*[1-9][0-9_]*$/;
const NUMBER_STARTS = /^\.?[0-9]/;
const OPENS: { readonly [bracket: string]: string } = { ')': '(', ']': '[', '}': '{' };

/** Does a word, a number or a point follow at once? `1if` and `1..real` are not worth a rule. */
function touchesWord(text: string, at: number): boolean {
  return at < text.length && /^[\p{ID_Continue}.]/u.test(String.fromCodePoint(text.codePointAt(at)!));
}

/** What the space before the first token of a line says. @returns false where that is a matter of opinion. */
function indent(space: string, indents: string[], tokens: string[]): boolean {
  if (/[^ ]/.test(space) && /[^\t]/.test(space)) return false; // how many spaces is a tab?
  if (indents.length > 1 && space !== '' && space[0] !== indents[1][0]) return false;
  if (space.length > indents[indents.length - 1].length) {
    indents.push(space);
    tokens.push(INDENT);
  }
  while (space.length < indents[indents.length - 1].length) {
    indents.pop();
    tokens.push(DEDENT);
  }
  return space.length === indents[indents.length - 1].length;
}
