import { Writable } from 'node:stream';
import { Box, type Instance, render, Text } from 'ink';
import type { ColourDepth, Line, Span } from '../cells.ts';

/** Lays out and colours the lines of one picture: one text a line, ready for a terminal. */
export interface Frame {
  lay(lines: readonly Line[], columns: number): string[];
  end(): void;
}

/**
 * Ink draws the block; `Block` puts it on the terminal. By itself Ink clears the screen with its scrollback where a
 * block is as high as the terminal, and waits for one that takes nothing: so it writes here into memory.
 */
export function createInkFrame(depth: ColourDepth): Frame {
  const screen = new Screen();
  let instance: Instance | null = null;
  return {
    lay(lines, columns) {
      screen.columns = columns;
      const picture = <Picture lines={lines} columns={columns} coloured={depth !== 'none'} />;
      if (instance) instance.rerender(picture);
      else {
        // Debug: every picture as a whole, at once. A run takes no keys and its Ctrl-C is the command's business.
        const stdout = screen as unknown as NodeJS.WriteStream;
        instance = render(picture, { stdout, debug: true, exitOnCtrlC: false, patchConsole: false });
      }
      return screen.text === '' ? [] : screen.text.split('\n');
    },
    end() {
      instance?.unmount();
      instance = null;
    },
  };
}

/** What Ink takes for a terminal: keeps the last picture. */
class Screen extends Writable {
  columns = 80;
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text = chunk.toString('utf8');
    done();
  }
}

interface PictureProps {
  readonly lines: readonly Line[];
  readonly columns: number;
  readonly coloured: boolean;
}

/** Each line in a row of its own: cut off rather than wrapped, so that the block keeps its height. */
function Picture({ lines, columns, coloured }: PictureProps) {
  return (
    <Box flexDirection="column" width={columns}>
      {lines.map((line, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place on the screen
        <Box key={row} height={1} flexShrink={0}>
          <Text wrap="truncate-end">
            {line.map((span, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: as above
              <StyledSpan key={at} span={span} coloured={coloured} />
            ))}
          </Text>
        </Box>
      ))}
    </Box>
  );
}

function StyledSpan({ span: { text, style }, coloured }: { span: Span; coloured: boolean }) {
  if (!coloured || !style) return <Text>{text}</Text>;
  const { fg, bold, dim, inverse } = style;
  const color = typeof fg === 'object' ? `rgb(${fg.join(',')})` : fg;
  return (
    <Text color={color} bold={bold} dimColor={dim} inverse={inverse}>
      {text}
    </Text>
  );
}
