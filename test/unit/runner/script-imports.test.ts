import { describe, expect, it } from 'vitest';
import { importCandidates } from '../../../src/runner/script-imports.ts';

const python = (text: string, path = 'code/main.py') => importCandidates(path, text, 'code');

describe('what a Python script may import from beside it', () => {
  it.each([
    ['import helper', ['code/helper.py', 'code/helper/__init__.py']],
    ['import os, helper as h', ['code/helper.py']],
    ['import a.b', ['code/a/__init__.py', 'code/a/b.py', 'code/a/b/__init__.py']],
    ['from a import b', ['code/a.py', 'code/a/__init__.py', 'code/a/b.py']],
    ['from a import (\n  b,  # why\n  c as d,\n)', ['code/a/b.py', 'code/a/c.py']],
    ['from a import b, \\\n  c', ['code/a/c.py']],
    ['if True: import helper', ['code/helper.py']],
    ['x = 1; import helper', ['code/helper.py']],
    ['def f():\n    from a import b', ['code/a/b.py']],
    ["importlib.import_module('a.b')", ['code/a/b.py']],
    ['from a import *', ['code/a.py']],
  ])('%j', (text, expected) => {
    expect(python(text)).toEqual(expect.arrayContaining(expected));
  });

  it('follows relative imports from the package that a file is in', () => {
    const found = python('from . import one\nfrom ..other import two', 'code/pkg/inner/file.py');
    expect(found).toEqual(
      expect.arrayContaining(['code/pkg/inner/one.py', 'code/pkg/other.py', 'code/pkg/other/two.py']),
    );
  });

  it('finds nothing in a script without imports', () => {
    expect(python('print("imports")\nimportant = 1\n')).toEqual([]);
  });
});

it('knows what R and shell scripts read in', () => {
  expect(importCandidates('a.R', 'source("lib/x.R")', '.')).toEqual(['lib/x.R']);
  expect(importCandidates('a.sh', 'set -e\n. ./lib.sh\nsource more.sh', '.')).toEqual(['lib.sh', 'more.sh']);
});
