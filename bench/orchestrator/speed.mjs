import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chain, copies } from './declare.mjs';
import { Workspace } from './workspace.mjs';

const TEXT = 'something small\n';

/**
 * Times tools at the same work, in turn: `colds` times in a fresh folder, then `rounds` times with nothing to
 * do, each round all tools.
 * @returns {Promise<{ tool: string, coldMs: number[], cachedMs: number[] }[]>}
 */
export async function timeCopies(entries, { count, ...times }) {
  return await timeWork(entries, times, (work) => {
    const { tool, folder } = work;
    if (tool.writeCopies) tool.writeCopies(folder, count);
    else work.declare(copies(count));
    return Array.from(
      { length: count },
      (_, index) => tool.copyOutput?.(folder, index) ?? tool.output(folder, `copy-${index}`),
    );
  });
}

export async function timeChain(entries, { count, ...times }) {
  return await timeWork(entries, times, (work) => {
    work.declare(chain(count));
    return [work.tool.output(work.folder, `link-${count - 1}`)];
  });
}

/** Steps that write one small file in a warm worker: what the orchestrator itself costs. clade's alone. */
export async function timeTiny(entry, { count, ...times }) {
  return await timeWork([entry], times, ({ tool, folder }) => {
    tool.writeTiny(folder, count, TEXT);
    return Array.from({ length: count }, (_, index) => tool.tinyOutput(folder, index));
  });
}

async function timeWork(entries, { colds, rounds }, declare) {
  const results = entries.map(({ tool }) => ({ tool: tool.name, coldMs: [], cachedMs: [] }));
  // All go at the end: ext4 is slow to make files for seconds after others were removed.
  const all = [];
  try {
    for (let cold = 0; cold < colds; cold++) {
      const works = entries.map(({ tool, place }) => {
        const work = new Workspace(tool, place);
        all.push(work);
        writeFileSync(join(work.folder, 'in.txt'), TEXT);
        return { work, outputs: declare(work) };
      });
      for (const [at, { work, outputs }] of works.entries()) {
        results[at].coldMs.push(await timeRun(work));
        // A tool that did nothing would be the quickest of all.
        for (const path of outputs)
          if (readFileSync(path, 'utf8') !== TEXT) throw new Error(`${work.tool.name} did not make ${path}`);
      }
      if (cold < colds - 1) continue;
      for (let round = 0; round < rounds; round++)
        for (const [at, { work }] of works.entries()) results[at].cachedMs.push(await timeRun(work));
    }
  } finally {
    for (const work of all) work.remove();
  }
  return results;
}

/** Whole process, from its start to its end. */
async function timeRun(work) {
  const start = performance.now();
  const { code, said } = await work.run();
  if (code !== 0) throw new Error(`${work.tool.name} ended with ${code}: ${said.slice(-2000)}`);
  return performance.now() - start;
}
