import { Composer, type Document, Lexer, type ParsedNode, Parser, YAMLParseError } from 'yaml';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import type { Json } from '../core/json.ts';
import { checkNesting } from './check-nesting.ts';
import { convertNodes } from './convert-nodes.ts';
import { indexLines } from './line-index.ts';
import { locate } from './locate-node.ts';
import type { PositionOf } from './problem.ts';

/** A broken file makes a cascade of syntax errors, of which the first ones tell. */
const SHOWN_SYNTAX_ERRORS = 5;

export interface YamlText {
  /** Null where the text is no YAML, or none that JSON can hold. */
  readonly value: Json;
  readonly diagnostics: readonly Diagnostic[];
  readonly positionOf: PositionOf;
}

/** Reads one YAML 1.2 document (core schema) with the place of every key and value. */
export function readYaml(text: string, file: string): YamlText {
  const tokens = [...lexYaml(text)]; // a fifth of all reading: done once for both who need them
  const nesting = checkNesting(tokens, file);
  if (nesting) {
    const position = nesting.position as Position;
    return { value: null, diagnostics: [nesting], positionOf: () => position };
  }
  const document = composeDocument(tokens, text.length);
  const lines = indexLines(text);
  const place = (start: number, end: number) => lines.place(file, start, end);
  const positionOf: PositionOf = (path, what = 'value') => {
    const [start, end] = locate(document.contents, path, what, text);
    return place(start, end);
  };

  const refusals = [...document.errors, ...document.warnings]
    .slice(0, SHOWN_SYNTAX_ERRORS)
    .map(({ code, message, pos }): Diagnostic => {
      const position = place(pos[0], pos[1]);
      const hint = syntaxHint(code, text.split('\n')[position.line - 1] ?? '');
      return {
        severity: 'error',
        code: code === 'MULTIPLE_DOCS' ? 'several-documents' : 'yaml-syntax',
        message: SENTENCES[code] ?? `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`,
        ...(hint ? { hint } : {}),
        position,
      };
    });
  const { yaml } = document.directives ?? {};
  if (refusals.length === 0 && yaml?.explicit && yaml.version !== '1.2') {
    const message = `the file says YAML ${yaml.version}, and pipelines are YAML 1.2`;
    refusals.push({ severity: 'error', code: 'yaml-syntax', message, position: place(0, 5) });
  }
  if (refusals.length > 0) return { value: null, diagnostics: refusals, positionOf };

  const { value, problems } = convertNodes(document.contents, text);
  const diagnostics = problems.map(({ range, code, message, hint }): Diagnostic => {
    const position = place(range[0], range[1]);
    return { severity: 'error', code, message: message(lines), ...(hint ? { hint } : {}), position };
  });
  return { value, diagnostics, positionOf };
}

/** The text as tokens, one by one. */
export function lexYaml(text: string): Iterable<string> {
  return new Lexer().lex(text);
}

/** As the library's `parseDocument` does from a text. */
function composeDocument(tokens: readonly string[], length: number): Document.Parsed<ParsedNode> {
  const parser = new Parser();
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    prettyErrors: false,
    uniqueKeys: false, // found while converting, where the first one's place is known
    stringKeys: false,
    logLevel: 'error',
  });
  function* parsed() {
    for (const token of tokens) yield* parser.next(token);
    yield* parser.end();
  }
  const [document, another] = composer.compose(parsed(), true, length);
  if (another !== undefined)
    document.errors.push(new YAMLParseError([another.range[0], another.range[1]], 'MULTIPLE_DOCS', ''));
  return document;
}

/** Where the library's own words would not help. */
const SENTENCES: { readonly [code: string]: string } = {
  TAB_AS_INDENT: 'not valid YAML: a tab cannot indent; use spaces',
  MULTIPLE_DOCS: "the file holds several YAML documents ('---'), and a pipeline is one",
  BLOCK_AS_IMPLICIT_KEY: "not valid YAML: a mapping cannot begin within a line after 'key:'",
};

function syntaxHint(code: string, line: string): string | undefined {
  if (line.includes('${{')) return `within {…} and […] a reference needs quotes: "\${{ … }}"`;
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return "text that holds ': ' needs quotes";
  if (code === 'BAD_SCALAR_START') return 'text that begins so needs quotes';
  return undefined;
}
