import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../support/clade.ts';

const CHUNKS = join(ROOT, 'dist/chunks');

/** Source files and packages that a built file loads at its start, itself and what it imports statically. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  const sources = new Set<string>();
  if (seen.has(file)) return sources;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, path] of text.matchAll(/^\s*(?:\/\/|"|')\s?((?:src|node_modules)\/[^"'\s]+)/gm))
    sources.add(path);
  for (const [, path] of text.matchAll(/^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];/gm))
    for (const source of loadedBy(join(dirname(file), path), seen)) sources.add(source);
  for (const [, name] of text.matchAll(/^import\b[^;]*?["']([^."'][^"']*)["'];/gm))
    if (!name.startsWith('node:')) sources.add(`node_modules/${name}/`);
  return sources;
}

function loadedByCommand(name: string): string[] {
  const chunk = readdirSync(CHUNKS).find((file) => new RegExp(`^${name}-[A-Z0-9]{8}\\.js$`).test(file));
  const ofCommand = loadedBy(join(CHUNKS, chunk!));
  return [...new Set([...loadedBy(join(ROOT, 'dist/cli.js')), ...ofCommand])];
}

const HEAVY =
  /node_modules\/(yaml|ajv|react|ink|@tensorflow|csv-|esbuild)|src\/(spec|plan|runner|engine|ml|imaging|charts)\//;
const SCREEN = /src\/views\/(ui|live)\//;

describe('a command', () => {
  it.each([
    'ls',
    'show',
    'status',
    'logs',
    'compare',
    'lineage',
    'export',
    'completions',
    'init',
  ])('%s loads no screen, no parser and nothing that computes', (name) => {
    const loaded = loadedByCommand(name);
    expect(loaded).toContain(`src/cli/${name}.ts`); // the bundle is read rightly
    expect(loaded.filter((path) => HEAVY.test(path) || SCREEN.test(path))).toEqual([]);
  });

  it('ui loads its own screen when it is called, and no parser or database', () => {
    const loaded = [...loadedByCommand('ui'), ...loadedByCommand('app')];
    expect(loaded).toContain('src/views/ui/app.ts');
    expect(loaded.filter((path) => HEAVY.test(path) || /better-sqlite3/.test(path))).toEqual([]);
  });

  it('run loads Ink and React where there is a terminal to draw on, not before', () => {
    const isInk = (path: string) => /node_modules\/(ink|react)\//.test(path);
    expect(loadedByCommand('run').filter(isInk)).toEqual([]);
    expect(loadedByCommand('live-view').some(isInk)).toBe(true);
  });

  it('sees what run needs', () => {
    expect(loadedByCommand('run').some((path) => HEAVY.test(path))).toBe(true);
  });
});
