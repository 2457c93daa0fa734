import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder } from '../../../src/engine/cache-folder.ts';

describe('cacheFolder', () => {
  it('is where XDG_CACHE_HOME says, unless that is relative (XDG Base Directory Specification)', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/caches' }, 'linux')).toBe(join('/caches', 'clade'));
    expect(cacheFolder({ XDG_CACHE_HOME: 'caches' }, 'linux')).toBe(join(homedir(), '.cache', 'clade'));
  });

  it('is else the platform’s own', () => {
    expect(cacheFolder({}, 'linux')).toBe(join(homedir(), '.cache', 'clade'));
    expect(cacheFolder({}, 'darwin')).toBe(join(homedir(), 'Library', 'Caches', 'clade'));
    expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'clade', 'Cache'));
  });
});
