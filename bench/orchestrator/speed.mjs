import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chain, copies } from './declare.mjs';
import { Workspace } from './workspace.mjs';

const TEXT = 'something small\n';

/**
 * Times tools at the same work, in turn: cold once each in a fresh folder, then `rounds` times with
 * nothing to do, each round all tools.
 * @returns {Promise<{ tool: string, coldMs: number, cachedMs: number[] }[]>}
 */
export async function timeCopies(entries, { count, rounds }) {
  return await timeWork(entries, rounds, (work) => {
    const { tool, folder } = work;
    if (tool.writeCopies) tool.writeCopies(folder, count);
    else work.declare(copies(count));
    return Array.from(
      { length: count },
      (_, index) => tool.copyOutput?.(folder, index) ?? tool.output(folder, `copy-${index}`),
    );
  });
}

export async function timeChain(entries, { count, rounds }) {
  return await timeWork(entries, rounds, (work) => {
    work.declare(chain(count));
    return [work.tool.output(work.folder, `link-${count - 1}`)];
  });
}

async function timeWork(entries, rounds, declare) {
  const works = entries.map(({ tool, place }) => {
    const work = new Workspace(tool, place);
    writeFileSync(join(work.folder, 'in.txt'), TEXT);
    return { work, tool: tool.name, outputs: declare(work), coldMs: 0, cachedMs: [] };
  });
  try {
    for (const entry of works) {
      entry.coldMs = await timeRun(entry.work);
      // A tool that did nothing would be the quickest of all.
      for (const path of entry.outputs)
        if (readFileSync(path, 'utf8') !== TEXT) throw new Error(`${entry.tool} did not make ${path}`);
    }
    for (let round = 0; round < rounds; round++)
      for (const entry of works) entry.cachedMs.push(await timeRun(entry.work));
  } finally {
    for (const { work } of works) work.remove();
  }
  return works.map(({ tool, coldMs, cachedMs }) => ({ tool, coldMs, cachedMs }));
}

/** Whole process, from its start to its end. */
async function timeRun(work) {
  const start = performance.now();
  const { code, said } = await work.run();
  if (code !== 0) throw new Error(`${work.tool.name} ended with ${code}: ${said.slice(-2000)}`);
  return performance.now() - start;
}
