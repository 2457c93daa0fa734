import { statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type Command, InvalidArgumentError } from 'commander';
import { openLineage } from '../store/read-lineage.ts';
import { listRunIds, runEventsFile } from '../store/read-run-folders.ts';
import { createReportServer, type ServedPage } from '../views/serve/report-server.ts';
import { EXIT } from './exit-codes.ts';
import { runsArgument } from './options.ts';
import { addPageOptions, makePage, type PageOptions } from './report.ts';
import { UsageError } from './usage-error.ts';

interface ServeOptions extends PageOptions {
  readonly port: number;
  readonly artifacts: string;
}

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .description('the report as a page on this machine, which follows runs as they go on')
    .addArgument(runsArgument())
    .option('--port <number>', 'where to listen on 127.0.0.1; 0 takes any that is free', portNumber, 4180);
  addPageOptions(command, 8000).addHelpText('after', EXAMPLES).action(serve);
}

const EXAMPLES = `
Only this machine can read it, and it can only be read. Ctrl-C ends it. From elsewhere, through ssh:
  ssh -L 4180:127.0.0.1:4180 workstation

Examples:
  clade serve
  clade serve latest --port 0`;

async function serve(wanted: string[], options: ServeOptions): Promise<void> {
  const page = pageMaker(wanted, options);
  page(); // a wrong id or axis is said now, not in the browser
  const server = createReportServer({ page });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new UsageError(whyNot(error, options.port))),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`http://127.0.0.1:${port}/\n`);
  process.stderr.write('Ctrl-C ends it\n');
  const code = await new Promise<number>((resolve) => {
    process.once('SIGINT', () => resolve(EXIT.done)); // the way to end it, not an interruption
    process.once('SIGTERM', () => resolve(EXIT.terminated));
  });
  server.close();
  server.closeAllConnections();
  process.exitCode = code;
}

/** Makes the page again only when a run began, went on or ended. */
function pageMaker(wanted: readonly string[], options: ServeOptions): () => ServedPage {
  let stamp = '';
  let made: ServedPage | null = null;
  return () => {
    const now = stampOf(options.artifacts);
    if (made && now === stamp) return made;
    const lineage = openLineage(options.artifacts);
    try {
      made = makePage(lineage, wanted, options, true);
      stamp = now;
      return made;
    } finally {
      lineage.close();
    }
  };
}

/** Every step that settles is a line in its run's events: their sizes say whether there is news. */
function stampOf(folder: string): string {
  return listRunIds(folder)
    .map((id) => `${id} ${statSync(runEventsFile(folder, id), { throwIfNoEntry: false })?.size ?? 0}`)
    .join('\n');
}

function whyNot({ code, message }: NodeJS.ErrnoException, port: number): string {
  if (code === 'EADDRINUSE')
    return `port ${port} is taken by another program: give another with --port, or 0 for any`;
  if (code === 'EACCES') return `port ${port} is not for this user: give one above 1023 with --port`;
  return `cannot listen on port ${port}: ${message}`;
}

function portNumber(value: string): number {
  const port = Number(value);
  if (value.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65535)
    throw new InvalidArgumentError('expected a port, 0 to 65535');
  return port;
}
