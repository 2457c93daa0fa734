/**
 * Pipelines from tests in code (vitest, node:test, …), as `clade/testing`: what `clade run` and `clade test`
 * do, in a process of its own, and what came of it. Stable: docs/testing.md.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunStatus } from '../core/events.ts';
import type { Json, JsonObject } from '../core/json.ts';
import type { CheckResult, TestReport } from '../core/test-report.ts';

export type { CheckResult, TestReport } from '../core/test-report.ts';

export interface PipelineRequest {
  /** Where artifacts are kept; `artifacts` in the working folder where absent. Keep it between runs: it is the cache. */
  readonly artifacts?: string;
  /** Parameters to set; a swept one fixes that axis. */
  readonly set?: { readonly [parameter: string]: Json };
  readonly engine?: string;
  /** The folder that paths in `set` and `artifacts` are relative to; the process's own where absent. */
  readonly cwd?: string;
}

export interface MetricRow {
  /** The values of the swept parameters. */
  readonly point: JsonObject;
  /** By full name: `evaluate.test.acc`. */
  readonly metrics: { readonly [name: string]: number };
}

export interface PipelineResults {
  readonly runId: string;
  readonly status: RunStatus;
  /** A row a point. */
  readonly rows: readonly MetricRow[];
  /** One metric at the one point that agrees with `where`. @throws Error where none or several do */
  metric(name: string, where?: JsonObject): number;
  /** The folder with what a step made, by its id (`pretrain`, `pretrain@seed=0`). @throws Error where there is none */
  folder(stepId: string): string;
}

export interface TestedPipeline extends PipelineResults {
  /** Each expectation of the file and how it came out. */
  readonly report: TestReport;
  /** What failed, as people read it; none where all hold. */
  readonly failures: readonly string[];
}

/** Runs what is stale of a pipeline. @throws Error where the file or the request is wrong */
export async function runPipeline(file: string, request: PipelineRequest = {}): Promise<PipelineResults> {
  const { stdout } = await callClade(['run', file, '--json'], request);
  const { runId, status } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
  return resultsOf({ runId, status }, request);
}

/** Runs what is stale, and holds the results against the file's `expect` block. @throws Error where the file is wrong */
export async function testPipeline(file: string, request: PipelineRequest = {}): Promise<TestedPipeline> {
  const { stdout } = await callClade(['test', file, '--json'], request);
  const report = JSON.parse(stdout) as TestReport;
  const results = await resultsOf({ runId: report.runId, status: report.runStatus }, request);
  const failures = report.checks.filter(({ status }) => status === 'failed').map(failureText);
  return { ...results, report, failures };
}

async function resultsOf(
  { runId, status }: { runId: string; status: RunStatus },
  request: PipelineRequest,
): Promise<PipelineResults> {
  const { artifacts, cwd } = request;
  const { stdout } = await callClade(['compare', runId, '--json'], { artifacts, cwd });
  const { rows } = JSON.parse(stdout) as { rows: readonly MetricRow[] };
  const steps = resolve(cwd ?? '.', artifacts ?? 'artifacts', 'runs', runId, 'steps');
  return {
    runId,
    status,
    rows,
    metric(name, where = {}) {
      const wanted = Object.entries(where);
      const found = rows.filter(({ point }) => wanted.every(([axis, value]) => point[axis] === value));
      const values = [...new Set(found.flatMap(({ metrics }) => metrics[name] ?? []))];
      if (values.length === 1) return values[0];
      const at = `at ${found.length} of ${rows.length} points (${JSON.stringify(where)})`;
      const names = [...new Set(rows.flatMap(({ metrics }) => Object.keys(metrics)))];
      throw new Error(
        values.length === 0
          ? `no metric '${name}' ${at}; there are ${names.join(', ')}`
          : `metric '${name}' has ${values.length} values ${at}: say which point`,
      );
    },
    folder(stepId) {
      const folder = join(steps, stepId);
      if (existsSync(folder)) return folder;
      throw new Error(`run ${runId} made nothing for the step '${stepId}': ${folder} is not there`);
    },
  };
}

function failureText({ title, file, line, expected, got, details, lastHeld, changes }: CheckResult): string {
  const since = lastHeld
    ? [
        `  last held in run ${lastHeld.runId}; changed since: ${
          changes
            .map(({ stepId, field, from, to }) => `${stepId}: ${field} ${from ?? ''} → ${to ?? ''}`)
            .join('; ') || 'nothing that lineage tells'
        }`,
      ]
    : [];
  return [`${title} (${file}:${line})`, `  expected ${expected}`, `  got ${got}`, ...details, ...since].join(
    '\n',
  );
}

/** Status 1 is an answer (a step or an expectation failed); others are not. @throws Error with what stderr says */
async function callClade(
  args: readonly string[],
  { artifacts, set = {}, engine, cwd }: PipelineRequest,
): Promise<{ readonly stdout: string }> {
  const options = [
    ...(artifacts === undefined ? [] : ['--artifacts', artifacts]),
    ...Object.entries(set).flatMap(([name, value]) => [
      '--set',
      `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ]),
    ...(engine === undefined ? [] : ['--engine', engine]),
  ];
  const child = spawn(process.execPath, [commandFile(), ...args, ...options], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const [stdout, stderr] = [gather(child.stdout), gather(child.stderr)];
  const code = await new Promise<number | null>((done, failed) => {
    child.on('error', failed);
    child.on('close', done);
  });
  if ((code !== 0 && code !== 1) || stdout().trim() === '')
    throw new Error(`clade ${args.join(' ')} ended with status ${code}:\n${stderr().trim()}`);
  return { stdout: stdout() };
}

function gather(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8');
  stream.on('data', (part: string) => {
    text += part;
  });
  return () => text;
}

/** This module is built into `dist`, beside which the command lies. */
const commandFile = () => fileURLToPath(new URL('../bin/clade.js', import.meta.url));
