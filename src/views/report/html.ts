import { escapeText } from '../../charts/svg.ts';

/** Text that is markup already. Only `html` and `trusted` make one. */
export class Html {
  constructor(readonly text: string) {}
}

type Piece = Html | string | number | null | false | readonly Piece[];

/** Markup from a template; everything put into it is escaped unless it is markup itself. `null` and `false` leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  return new Html(strings.reduce((text, part, index) => text + pieceText(values[index - 1]) + part));
}

/** Markup that this program made: an SVG of `charts`, its own style and script. Never what a user wrote. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function pieceText(piece: Piece): string {
  if (piece === null || piece === false) return '';
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(pieceText).join('');
  return escapeText(String(piece));
}

/** JSON for a `<script type="application/json">`: nothing in it can end the element or begin a comment. */
export function embeddedJson(value: unknown): Html {
  return new Html(
    JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029'),
  );
}
