import { Box, Text, useStdout } from 'ink';
import type { ReactNode } from 'react';
import { formatDuration, formatNumber } from '../format.ts';
import { type RunState, remainingMs, type StepState } from '../run-state.ts';
import { type Symbols, sparkline } from '../symbols.ts';

export interface RunAppProps {
  readonly state: RunState;
  readonly nowMs: number;
  readonly symbols: Symbols;
  /** Ctrl-C was heard: said at once, since ending takes a moment. */
  readonly interrupting: boolean;
}

const MOST_STEPS_SHOWN = 8;

/** The compact live block of `clade run`: the plan's progress, what runs, what failed. */
export function RunApp({ state, nowMs, symbols, interrupting }: RunAppProps) {
  const columns = useStdout().stdout?.columns ?? 80;
  const steps = [...state.steps.values()];
  const running = steps.filter(({ status }) => status === 'running');
  const failed = steps.filter(({ status }) => status === 'failed');
  return (
    <Box flexDirection="column" width={columns}>
      <Header state={state} nowMs={nowMs} symbols={symbols} columns={columns} />
      {running.slice(0, MOST_STEPS_SHOWN).map((step) => (
        <RunningStep key={step.id} step={step} nowMs={nowMs} symbols={symbols} columns={columns} />
      ))}
      {failed.slice(0, MOST_STEPS_SHOWN).map((step) => (
        <Line key={step.id}>
          <Text color="red">{`${symbols.failed} ${step.id}`}</Text>
          <Text>{`  ${step.failure?.message.split('\n')[0] ?? ''}`}</Text>
        </Line>
      ))}
      {interrupting ? (
        <Text color="yellow">ending the running steps; finished ones are kept (Ctrl-C again: at once)</Text>
      ) : null}
    </Box>
  );
}

function Header({ state, nowMs, symbols, columns }: Omit<RunAppProps, 'interrupting'> & { columns: number }) {
  const { executed, reused, failed, skipped, total } = state.counts;
  const done = executed + reused + failed + skipped;
  const width = Math.max(8, Math.min(24, columns - 56));
  const full = total > 0 ? Math.floor((done / total) * width) : 0;
  const points = state.points > 1 ? ` ${symbols.dot} ${state.points} points` : '';
  return (
    <Line>
      <Text bold>{state.pipeline} </Text>
      <Text color="cyan">{symbols.barFull.repeat(full) + symbols.barEmpty.repeat(width - full)}</Text>
      <Text>{` ${done}/${total} steps`}</Text>
      <Text dimColor>
        {`${points} ${symbols.dot} ${reused} reused${failed > 0 ? ` ${symbols.dot} ${failed} failed` : ''} ${symbols.dot} ${state.engine} ${symbols.dot} ${formatDuration(Math.max(0, nowMs - state.startedAtMs))}`}
      </Text>
    </Line>
  );
}

function RunningStep({
  step,
  nowMs,
  symbols,
  columns,
}: {
  step: StepState;
  nowMs: number;
  symbols: Symbols;
  columns: number;
}) {
  const { progress } = step;
  const leftMs = remainingMs(step, nowMs);
  const values = Object.entries(progress?.values ?? {}).map(
    ([name, value]) => `${name} ${formatNumber(value)}`,
  );
  const spark =
    progress && progress.trace.length > 1 && columns >= 70 ? sparkline(progress.trace, 16, symbols) : '';
  const spentMs = step.startedAtMs === null ? 0 : Math.max(0, nowMs - step.startedAtMs);
  return (
    <Line>
      <Text color="green">{symbols.running} </Text>
      <Text>{step.id}</Text>
      <Text dimColor>
        {progress ? `  ${progress.unit} ${progress.done}/${progress.total}` : `  ${formatDuration(spentMs)}`}
      </Text>
      <Text dimColor>{leftMs !== null ? `  ETA ${formatDuration(leftMs)}` : ''}</Text>
      <Text>{values.length > 0 ? `  ${values.join('  ')}` : ''}</Text>
      <Text color="cyan">{spark ? `  ${spark}` : ''}</Text>
    </Line>
  );
}

/** One row of the screen: cut off rather than wrapped, so that the block keeps its height. */
function Line({ children }: { children: ReactNode }) {
  return (
    <Box flexShrink={0} height={1}>
      <Text wrap="truncate-end">{children}</Text>
    </Box>
  );
}
