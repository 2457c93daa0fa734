import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Lineage, openLineage } from '../store/read-lineage.ts';
import { fitPanels } from '../views/report/fit-panels.ts';
import { gatherReport } from '../views/report/gather-report.ts';
import { contentSecurityPolicy, renderPage } from '../views/report/render-page.ts';
import type { ServedPage } from '../views/serve/report-server.ts';
import { findRun } from './find-run.ts';
import { installFolder } from './install-folder.ts';
import { artifactsOption, positiveInteger, repeatable, runsArgument } from './options.ts';
import { unknownName } from './unknown-name.ts';
import { replaceOwnFile } from './write-own-file.ts';

declare const CLADE_VERSION: string;

export interface PageOptions {
  readonly over: readonly string[];
  readonly title?: string;
  /** kB */
  readonly maxSize: number;
}

interface ReportOptions extends PageOptions {
  readonly output: string;
  readonly artifacts: string;
}

/** Room for the sentence that says how many figures are left out. */
const NOTICE_BYTES = 300;

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description(
      'one HTML file of runs: tables, curves, scatters, confusion, lineage; reads anywhere, offline',
    )
    .addArgument(runsArgument())
    .option('-o, --output <file>', 'the file to write', 'report.html');
  addPageOptions(command, 1000).addHelpText('after', EXAMPLES).action(report);
}

/** What `makePage` is told. @param maxSize kB, where nobody says. */
export function addPageOptions(command: Command, maxSize: number): Command {
  return command
    .addOption(
      repeatable('--over <axis>', 'mean ± standard deviation along this axis (may be given again)', 'seed'),
    )
    .option('--title <text>', "default: the pipeline's name")
    .option(
      '--max-size <kB>',
      'pictures and then figures of points are left out beyond this',
      positiveInteger,
      maxSize,
    )
    .addOption(artifactsOption());
}

const EXAMPLES = `
The file holds everything: it reads from a disk or a mail, loads nothing, and runs under a strict content
security policy. An older report is replaced; a file that clade did not write is not.

Examples:
  clade report
  clade report latest -o head-ct.html --title 'Head CT, MRI and PET'
  clade report 20261123-1444 20261124-0902 --over seed`;

function report(wanted: string[], options: ReportOptions): void {
  const lineage = openLineage(options.artifacts);
  try {
    const { html } = makePage(lineage, wanted, options, false);
    replaceOwnFile(options.output, html, 'name="generator" content="clade ');
    process.stdout.write(`${options.output}  ${Math.ceil(Buffer.byteLength(html) / 1000)} kB\n`);
  } finally {
    lineage.close();
  }
}

/** The page of some runs as it stands now. */
export function makePage(
  lineage: Lineage,
  wanted: readonly string[],
  options: PageOptions,
  live: boolean,
): ServedPage {
  const runs = wanted.map((one) => findRun(lineage, one));
  const axes = new Set(runs.flatMap(({ points }) => points.flatMap((point) => Object.keys(point))));
  const unknown = options.over.find((axis) => !axes.has(axis));
  if (unknown !== undefined) throw unknownName('--over: no axis', unknown, [...axes]);
  const data = gatherReport(lineage, {
    runs,
    over: options.over.length > 0 ? options.over : ['seed'].filter((axis) => axes.has(axis)),
    title: options.title,
  });
  const parts = {
    script: readFileSync(join(installFolder(), 'report-page.js'), 'utf8').trim(),
    madeAt: new Date().toISOString(),
    version: CLADE_VERSION,
    live,
  };
  const bare = Buffer.byteLength(renderPage({ ...data, panels: {}, images: {} }, parts));
  const fitting = fitPanels(data, options.maxSize * 1000 - bare - NOTICE_BYTES);
  return {
    html: renderPage(fitting, parts),
    contentSecurityPolicy: contentSecurityPolicy(parts.script, live),
  };
}
