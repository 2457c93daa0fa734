import { emitKeypressEvents, type Key } from 'node:readline';
import { type ColourDepth, encodeLine, type Line } from '../cells.ts';

export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** Writes the lines that differ from what is shown, between marks that keep a terminal from showing halves. */
  paint(lines: readonly Line[]): void;
  /** A sequence that draws nothing, such as OSC 52. */
  send(sequence: string): void;
  /** Gives the screen back and stops, as Ctrl-Z does; comes back with `fg`. */
  suspend(): void;
  close(): void;
}

export interface TerminalRequest {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly depth: ColourDepth;
  /** `j`, `G`, `down`, `enter`, `space`, `ctrl-c`. */
  readonly onKey: (key: string) => void;
  readonly onResize: () => void;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[0m\u001b[?25h\u001b[?1049l';

/** The whole screen of a terminal: the alternate one, raw keys, given back whatever ends the process. */
export function openTerminal({ stdin, stdout, depth, onKey, onResize }: TerminalRequest): Terminal {
  let shown: string[] = [];
  let inside = false;
  // A slow line: what it has not taken yet must not grow; the newest picture is painted when it has.
  let waiting = false;
  const enter = () => {
    if (inside) return;
    inside = true;
    shown = [];
    stdin.setRawMode(true);
    stdin.resume();
    stdout.write(ENTER);
  };
  const leave = () => {
    if (!inside) return;
    inside = false;
    stdout.write(LEAVE);
    try {
      stdin.setRawMode(false);
    } catch {
      // the terminal itself is gone
    }
  };
  const hear = (character: string | undefined, key: Key) => {
    const name = keyName(character, key);
    if (name) onKey(name);
  };
  const resized = () => {
    shown = [];
    onResize();
  };
  const resume = () => {
    enter();
    onResize();
  };
  const drained = () => {
    waiting = false;
    onResize();
  };

  emitKeypressEvents(stdin);
  stdin.on('keypress', hear);
  stdout.on('resize', resized);
  stdout.on('drain', drained);
  process.on('SIGCONT', resume);
  process.on('exit', leave);
  enter();

  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
    paint(lines) {
      if (!inside || waiting) return;
      let out = '';
      lines.forEach((line, row) => {
        const text = encodeLine(line, depth);
        if (shown[row] === text) return;
        shown[row] = text;
        out += `\u001b[${row + 1};1H${text}\u001b[K`;
      });
      if (out !== '') waiting = !stdout.write(`\u001b[?2026h${out}\u001b[?2026l`);
    },
    send: (sequence) => void stdout.write(sequence),
    suspend() {
      if (process.platform === 'win32') return;
      leave();
      process.kill(0, 'SIGTSTP');
    },
    close() {
      leave();
      stdin.off('keypress', hear);
      stdout.off('resize', resized);
      stdout.off('drain', drained);
      process.off('SIGCONT', resume);
      process.off('exit', leave);
      stdin.pause();
    },
  };
}

const NAMES: { readonly [name: string]: string } = {
  return: 'enter',
  pageup: 'page-up',
  pagedown: 'page-down',
  backspace: 'backspace',
};

/** One word a key; a printable character is itself. */
export function keyName(character: string | undefined, key: Key): string | null {
  if (key.ctrl && key.name) return `ctrl-${key.name}`;
  if (key.name === 'tab') return key.shift ? 'shift-tab' : 'tab';
  if (character === ' ') return 'space';
  if (character !== undefined && character.length > 0 && !/[\u0000-\u001f\u007f]/.test(character))
    return character;
  if (!key.name) return null;
  return NAMES[key.name] ?? key.name;
}
