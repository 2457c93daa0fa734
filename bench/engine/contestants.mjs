// Each contestant is a process of its own, bound to the same cores as the others, that waits while
// another has its turn.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const VARIANTS = ['eager', 'channels_last', 'compile'];
let bindable;

/** Command line that runs `args` on the first `count` of `cores`, where this system can say so. */
export function bound(args, cores, count) {
  bindable ??= spawnSync('taskset', ['-c', '0', 'true']).status === 0;
  return bindable ? ['taskset', '-c', cores.slice(0, count).join(','), ...args] : args;
}

export function canBind() {
  return bound([], ['0'], 1).length > 0;
}

/** clade's own engines: the compiled one, and tfjs on its wasm backend with our kernels. */
export function ownContestants({ folder, kernels, bundle, threads }) {
  const make = (name, engine) => ({
    name,
    own: true,
    args: [process.execPath, bundle, folder, kernels, engine, String(threads)],
  });
  const compiled = make('clade', 'wasm');
  return threads > 1 ? [compiled] : [compiled, make('tfjs', 'tfjs')];
}

/** PyTorch in three variants, and tfjs-node on each TensorFlow. */
export function peerContestants(peers, { folder, kernels, bundle, scripts, threads }) {
  return peers.flatMap((peer) => {
    if (peer.kind === 'torch') {
      return VARIANTS.map((variant) => ({
        name: `${peer.name} (${variant})`,
        args: [
          peer.python,
          `${scripts}/contestant.py`,
          folder,
          ...['--variant', variant, '--threads', String(threads)],
        ],
        env: { ...process.env, CUDA_VISIBLE_DEVICES: '', OMP_NUM_THREADS: String(threads) },
      }));
    }
    const args = [process.execPath, bundle, folder, kernels, 'tensorflow', String(threads)];
    return [{ name: peer.name, args, env: { ...peer.env, TF_CPP_MIN_LOG_LEVEL: '3' } }];
  });
}

/** The contestant's process; `ask` sends a request and waits for its answer. */
export function start(contestant, { cores, threads }) {
  const [program, ...args] = bound(contestant.args, cores, threads);
  const child = spawn(program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: contestant.env ?? process.env,
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4000);
  });
  child.stdin.on('error', () => {}); // it has ended: `ask` says so
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ...contestant,
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`${contestant.name} ended: ${said.trim()}`);
      return JSON.parse(value);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve));
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await ended;
    },
  };
}
