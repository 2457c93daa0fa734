import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { EventBody } from '../../../src/runner/run-options.ts';
import { createPlainView } from '../../../src/views/lines/plain-view.ts';
import { symbolsFor } from '../../../src/views/symbols.ts';
import { planned, runEvents, STARTED, started } from '../../support/run-events.ts';

async function shown(...bodies: EventBody[]): Promise<string> {
  const out = new PassThrough();
  const view = createPlainView(out, symbolsFor({ LANG: 'C.UTF-8' }, 'linux'));
  for (const event of runEvents(...bodies)) view.show(event);
  await view.close();
  return (out.read() as Buffer).toString('utf8');
}

describe('createPlainView', () => {
  it('writes a line with the time for each fact, and the summary with the metrics at the end', async () => {
    const text = await shown(
      STARTED,
      planned('evaluate'),
      started('evaluate'),
      {
        event: 'step-finished',
        stepId: 'evaluate',
        attempt: 'a1',
        fingerprint: 'f',
        durationMs: 1234,
        metrics: [{ name: 'acc', split: 'test', value: 0.6543, better: 'higher' }],
        notes: ['2 images in colour'],
      },
      {
        event: 'run-finished',
        status: 'succeeded',
        steps: { total: 1, executed: 1, reused: 0, failed: 0, skipped: 0 },
        durationMs: 4000,
      },
    );
    expect(text.split('\n')).toEqual([
      '05:12:00  thesis: 2 steps, 1 point, engine wasm, run run-1',
      '05:12:02  ▶ evaluate  — not made before',
      '05:12:03  ✔ evaluate  1.2 s',
      '05:12:03    note: 2 images in colour',
      '✔ thesis succeeded: 1 executed, 0 reused of 1 step in 4.0 s',
      '',
      'step      test.acc',
      '--------  --------',
      'evaluate    0.6543',
      '',
      'Next: clade show latest',
      '',
    ]);
  });

  it('shows a failure with its reason, its message and the end of its log', async () => {
    const text = await shown(
      STARTED,
      planned('ingest'),
      {
        event: 'step-failed',
        stepId: 'ingest',
        attempt: 'a1',
        reason: 'bad-input',
        message: 'two bad pictures:\n  a.png',
        logTail: ['reading'],
      },
      {
        event: 'run-finished',
        status: 'failed',
        steps: { total: 1, executed: 0, reused: 0, failed: 1, skipped: 0 },
        durationMs: 100,
      },
    );
    expect(text).toContain('✘ ingest  failed (bad-input)\n');
    expect(text).toContain('two bad pictures:\n');
    expect(text).toContain('| reading\n');
  });
});
