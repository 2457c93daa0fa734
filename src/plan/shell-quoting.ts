import { shellWord } from '../core/shell-word.ts';

/** Puts values into text for `sh` so that each stays one word, also between quotes that the text has itself. */
export interface ShellQuoting {
  /** Text as the pipeline has it; returned as it is. */
  pass(text: string): string;
  /** A value that stands at this place. */
  quote(value: string): string;
}

type Context = 'plain' | 'single' | 'double' | 'substitution' | 'backtick' | 'comment';

/**
 * Follows quotes, `$( )`, backticks and comments through the text (POSIX Shell Command Language, 2.2).
 * Not here-documents: a value in one of them stands as the shell's words would have it.
 */
export function createShellQuoting(): ShellQuoting {
  const contexts: Context[] = ['plain'];
  let wordStart = true;
  return {
    pass(text) {
      for (let at = 0; at < text.length; at++) at += read(text[at], text[at + 1]);
      return text;
    },
    quote(value) {
      wordStart = false;
      const context = contexts[contexts.length - 1];
      if (context === 'comment') return value.replaceAll('\n', ' ');
      const quoted = shellWord(value);
      if (quoted === value) return value;
      if (context === 'single') return `'${quoted}'`; // ends the text's own quotes, and opens them again
      return context === 'double' ? `"${quoted}"` : quoted;
    },
  };

  /** @returns how many further characters were read with this one. */
  function read(character: string, next: string | undefined): number {
    const context = contexts[contexts.length - 1];
    const atWordStart = wordStart;
    wordStart = /[\s;&|()]/.test(character);
    if (context === 'comment') {
      if (character === '\n') contexts.pop();
      return 0;
    }
    if (context === 'single') {
      if (character === "'") contexts.pop();
      return 0;
    }
    if (character === '\\') return 1;
    if (character === '$' && next === '(') return open('substitution', 1);
    if (character === '`') return context === 'backtick' ? close() : open('backtick', 0);
    if (character === '"') return context === 'double' ? close() : open('double', 0);
    if (context === 'double') return 0;
    if (character === "'") return open('single', 0);
    if (character === '#' && atWordStart) return open('comment', 0);
    if (character === '(' && context === 'substitution') return open('substitution', 0);
    if (character === ')' && context === 'substitution') return close();
    return 0;
  }

  function open(context: Context, further: number): number {
    contexts.push(context);
    wordStart = context !== 'single' && context !== 'double';
    return further;
  }

  function close(): number {
    contexts.pop();
    return 0;
  }
}
