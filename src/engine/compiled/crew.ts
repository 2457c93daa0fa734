// Threads that work on one compiled network: parked on a word of shared memory between jobs.
import { type MessagePort, Worker } from 'node:worker_threads';
import type { WasmMemory, WasmModule } from '../wasm/load-kernels.ts';
import { CONTROL, type Post, work } from './work.ts';

/** How long the caller waits in one go before it lets the process hear of a thread's death. */
const PATIENCE_MS = 100;

interface ThreadData {
  readonly module: WasmModule;
  readonly memory: WasmMemory;
  readonly post: Post;
}

export class Crew {
  private gone: string | null = null;

  private constructor(
    private readonly workers: readonly Worker[],
    private readonly control: Int32Array,
  ) {
    for (const worker of workers) {
      worker.on('error', (error) => {
        this.gone = error.message;
      });
      worker.on('exit', (code) => {
        this.gone ??= `it ended with code ${code}`;
      });
      // A process that has nothing else to do ends without asking its threads.
      worker.unref();
    }
  }

  /** Starts one thread for each post. */
  static async start(shared: { module: WasmModule; memory: WasmMemory }, posts: readonly Post[]) {
    const code = `const { parentPort, workerData } = require('node:worker_threads');
      const work = ${work.toString()};
      (${attend.toString()})(workerData, parentPort, work);`;
    const workers = posts.map(
      (post) => new Worker(code, { eval: true, execArgv: [], workerData: { ...shared, post } }),
    );
    const crew = new Crew(workers, new Int32Array(shared.memory.buffer, posts[0].control, 16));
    try {
      await Promise.all(workers.map(started));
    } catch (error) {
      await crew.dismiss();
      throw error;
    }
    return crew;
  }

  /** Wakes the threads for the job that stands in the control block. */
  begin(): void {
    this.complain();
    Atomics.store(this.control, CONTROL.pending, this.workers.length);
    Atomics.add(this.control, CONTROL.generation, 1);
    Atomics.notify(this.control, CONTROL.generation);
  }

  /** Until all threads are done. @throws Error where one has died or failed: its results are lost. */
  async finish(): Promise<void> {
    const { control } = this;
    for (let left = Atomics.load(control, CONTROL.pending); left > 0; ) {
      const ended = Atomics.wait(control, CONTROL.pending, left, PATIENCE_MS);
      if (ended === 'timed-out') await new Promise((resolve) => setImmediate(resolve));
      left = Atomics.load(control, CONTROL.pending);
      if (left > 0) this.complain();
    }
    if (Atomics.load(control, CONTROL.failed) > 0) throw new Error('a thread of the wasm engine failed');
  }

  /** Lets parked threads return; one in the middle of a job ends it first, and a dead one is dead. */
  async dismiss(): Promise<void> {
    this.gone ??= 'it was dismissed';
    Atomics.store(this.control, CONTROL.stop, 1);
    Atomics.add(this.control, CONTROL.generation, 1);
    Atomics.notify(this.control, CONTROL.generation);
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  private complain(): void {
    if (this.gone !== null) throw new Error(`a thread of the wasm engine is gone: ${this.gone}`);
  }
}

function started(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the wasm engine ended with code ${code}`)));
  });
}

/** A thread's life. Like `work` it travels as text: so that no bundle and no test has to find a file for it. */
function attend({ module, memory, post }: ThreadData, parent: MessagePort, doWork: typeof work): void {
  const control = new Int32Array(memory.buffer, post.control, 16);
  let seen = Atomics.load(control, 0);
  // @ts-expect-error TypeScript has WebAssembly only together with a browser
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
  parent.postMessage('ready');
  for (;;) {
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    if (Atomics.load(control, 4) === 1) return;
    try {
      doWork(post, kernels, memory.buffer);
    } catch {
      Atomics.store(control, 3, 1);
    }
    if (Atomics.sub(control, 1, 1) === 1) Atomics.notify(control, 1);
  }
}
