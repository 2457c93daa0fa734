import type { Json } from '../../core/json.ts';

/** Is a row shown? Given how to look up a column's value in it. */
export type Filter = (valueIn: (column: string) => Json | undefined) => boolean;
export type ParsedFilter =
  | { readonly ok: true; readonly filter: Filter }
  /** `at`: the character at which reading stopped, from 0. */
  | { readonly ok: false; readonly message: string; readonly at: number };

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'operator' | 'end';
  readonly text: string;
  readonly at: number;
}

class FilterError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const TOKEN = /\s*(?:(<=|>=|!=|==|&&|\|\||[<>=~&|!()])|"([^"]*)"|'([^']*)'|([^\s<>=!~&|()"']+))/y;

/**
 * `gamma<0.1 & test.acc>0.6`: comparisons (< <= > >= = != and ~ for 'contains'), joined by & and |, with
 * ! and parentheses; & binds more than |. A column may be named by the end of its name where only one ends so.
 */
export function parseFilter(text: string, columns: readonly string[]): ParsedFilter {
  try {
    const tokens = tokenize(text);
    let next = 0;
    const take = () => tokens[next++];
    const at = (...operators: string[]) =>
      tokens[next].kind === 'operator' && operators.includes(tokens[next].text);

    const readAny = (): Filter => {
      let left = readAll();
      while (at('|', '||')) {
        take();
        const [a, b] = [left, readAll()];
        left = (row) => a(row) || b(row);
      }
      return left;
    };
    const readAll = (): Filter => {
      let left = readOne();
      while (at('&', '&&')) {
        take();
        const [a, b] = [left, readOne()];
        left = (row) => a(row) && b(row);
      }
      return left;
    };
    const readOne = (): Filter => {
      if (at('!')) {
        take();
        const inner = readOne();
        return (row) => !inner(row);
      }
      if (at('(')) {
        take();
        const inner = readAny();
        if (!at(')')) throw new FilterError("expected ')'", tokens[next].at);
        take();
        return inner;
      }
      return readComparison();
    };
    const readComparison = (): Filter => {
      const name = take();
      if (name.kind !== 'name' && name.kind !== 'text')
        throw new FilterError(
          name.kind === 'end' ? 'expected a column' : `expected a column, found '${name.text}'`,
          name.at,
        );
      const column = resolveColumn(name, columns);
      const operator = take();
      if (operator.kind !== 'operator' || !/^[<>=~]|^!=$/.test(operator.text))
        throw new FilterError(`expected < <= > >= = != or ~ after '${name.text}'`, operator.at);
      const value = take();
      if (value.kind === 'end' || value.kind === 'operator')
        throw new FilterError(`expected a value after '${operator.text}'`, value.at);
      return comparison(column, operator.text, value);
    };

    const filter = readAny();
    const rest = take();
    if (rest.kind !== 'end') throw new FilterError(`expected & or | before '${rest.text}'`, rest.at);
    return { ok: true, filter };
  } catch (error) {
    if (error instanceof FilterError) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match)
      throw new FilterError('this quote is not closed', text.length - text.slice(at).trimStart().length);
    const [whole, operator, double, single, word] = match;
    const start = at + whole.length - whole.trimStart().length;
    if (operator) tokens.push({ kind: 'operator', text: operator, at: start });
    else if (word === undefined) tokens.push({ kind: 'text', text: double ?? single, at: start });
    else tokens.push({ kind: Number.isNaN(Number(word)) ? 'name' : 'number', text: word, at: start });
  }
  tokens.push({ kind: 'end', text: '', at: text.length });
  return tokens;
}

function resolveColumn({ text, at }: Token, columns: readonly string[]): string {
  if (columns.includes(text)) return text;
  const ending = columns.filter((column) => column.endsWith(`.${text}`));
  if (ending.length === 1) return ending[0];
  if (ending.length > 1) throw new FilterError(`'${text}' may mean ${ending.join(', ')}`, at);
  const near = columns.filter((column) => column.toLowerCase().includes(text.toLowerCase()));
  const known = (near.length > 0 ? near : columns).slice(0, 6).join(', ');
  throw new FilterError(`no column '${text}'; there are ${known}`, at);
}

function comparison(column: string, operator: string, { kind, text, at }: Token): Filter {
  if (operator === '~') return (row) => textOf(row(column)).toLowerCase().includes(text.toLowerCase());
  if (operator === '=' || operator === '==' || operator === '!=') {
    const same = (value: Json | undefined) =>
      kind === 'number' && typeof value === 'number' ? value === Number(text) : textOf(value) === text;
    return operator === '!=' ? (row) => !same(row(column)) : (row) => same(row(column));
  }
  if (kind !== 'number') throw new FilterError(`'${operator}' needs a number, found '${text}'`, at);
  const bound = Number(text);
  const holds = {
    '<': (value: number) => value < bound,
    '<=': (value: number) => value <= bound,
    '>': (value: number) => value > bound,
    '>=': (value: number) => value >= bound,
  }[operator as '<'];
  return (row) => {
    const value = row(column);
    return typeof value === 'number' && holds(value);
  };
}

function textOf(value: Json | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
}
