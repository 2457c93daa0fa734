import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';

const TIMEOUT_MS = 10_000;

export type Evaluation =
  | { readonly status: 'declared'; readonly value: unknown }
  | { readonly status: 'failed'; readonly message: string; readonly stack?: string };

/** The module that evaluates a declaration: it says by one marked line what came out, and ends. */
export function evaluationEntry(file: string, mark: string): string {
  return `
const say = (said) => process.stdout.write(${JSON.stringify(`\n${mark}`)} + JSON.stringify(said) + '\\n', () => process.exit(0));
try {
  const module = await import(${JSON.stringify(file)});
  if (!('default' in module)) say({ missing: true });
  else say({ value: module.default ?? null, kind: module.default === null ? 'null' : typeof module.default });
} catch (error) {
  say({ error: String(error?.message ?? error), stack: String(error?.stack ?? '') });
}
`;
}

export function newMark(): string {
  return `declaration-${randomUUID()}:`;
}

/**
 * Evaluates a bundled declaration in a process of its own: what it prints, an endless loop or an exit
 * in it do no harm here. Only data comes back.
 */
export function evaluateDeclaration(bundle: string, mark: string, cwd: string): Promise<Evaluation> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--enable-source-maps', '--input-type=module', '-'],
      { cwd, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 16 << 20, env: quietEnvironment() },
      (error, stdout, stderr) => {
        const line = stdout.split('\n').findLast((text) => text.startsWith(mark));
        if (line !== undefined) return resolve(read(line.slice(mark.length)));
        const why = error?.killed
          ? `it took longer than ${TIMEOUT_MS / 1000} s to evaluate`
          : 'it ended the process that evaluates it';
        resolve({ status: 'failed', message: why, stack: stderr });
      },
    );
    child.stdin?.on('error', () => {}); // it ended before it had read all: what it said tells
    child.stdin?.end(bundle);
  });
}

function read(line: string): Evaluation {
  const said = JSON.parse(line) as {
    missing?: true;
    value?: unknown;
    kind?: string;
    error?: string;
    stack?: string;
  };
  if (said.error !== undefined) return { status: 'failed', message: said.error, stack: said.stack };
  if (said.missing) return { status: 'failed', message: "it has no default export: 'export default { … }'" };
  if (said.kind !== 'object' || Array.isArray(said.value) || said.value === null)
    return {
      status: 'failed',
      message: `its default export must be an object, not ${said.kind === 'object' ? 'a list' : `a ${said.kind}`}`,
    };
  return { status: 'declared', value: said.value };
}

/** Without what would make Node do more than evaluate. */
function quietEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, NODE_V8_COVERAGE: __, ...rest } = process.env;
  return rest;
}
