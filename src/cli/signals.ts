export interface Signals {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  received(): NodeJS.Signals | null;
  stop(): void;
}

/** The first Ctrl-C ends the run in order; a second one ends the process at once (finished work is safe by then). */
export function listenForSignals(onFirst: () => void): Signals {
  const controller = new AbortController();
  let first: NodeJS.Signals | null = null;
  const hear = (signal: NodeJS.Signals) => {
    // A terminal that is closed tells it twice, by the shell and by the kernel: that is no second wish.
    if (first !== null && signal === 'SIGHUP') return;
    if (first !== null) process.exit(signal === 'SIGTERM' ? 143 : 130);
    first = signal;
    controller.abort(new DOMException('interrupted', 'AbortError'));
    onFirst();
  };
  const names: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, hear);
  return {
    signal: controller.signal,
    received: () => first,
    stop: () => {
      for (const name of names) process.off(name, hear);
    },
  };
}
