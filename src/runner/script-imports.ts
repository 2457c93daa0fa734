import { posix } from 'node:path';

/**
 * Files that a script may take in from beside it, '/'-separated from the folder that its names start
 * at; whether they are there, the caller looks. What is named only while the script runs (a module's name put
 * together, a file opened by a name read elsewhere) is not found: it must be declared.
 */
export function importCandidates(path: string, text: string, scriptFolder: string): string[] {
  if (path.endsWith('.py')) return pythonImports(text).flatMap((name) => locate(name, path, scriptFolder));
  if (/\.[rR]$/.test(path)) return namesIn(text, /\b(?:source|sys\.source)\s*\(\s*["']([^"']+)["']/g);
  if (/\.(sh|bash)$/.test(path)) return namesIn(text, /(?:^|[\n;&|])\s*(?:\.|source)\s+["']?([\w./-]+)/g);
  return [];
}

interface PythonImport {
  /** Dots before the name: 0 for an absolute import. */
  readonly level: number;
  readonly parts: readonly string[];
}

/** Every module that an `import`, `from … import …` or a literal `import_module` names, submodules included. */
function pythonImports(source: string): PythonImport[] {
  const text = source.replace(/\\\r?\n/g, ' ');
  const found: PythonImport[] = [];
  const add = (level: number, name: string) =>
    found.push({ level, parts: name.split('.').filter((part) => part !== '') });
  for (const [, list] of text.matchAll(/(?:^|[\n;:])[ \t]*import[ \t]+([^\n;#]+)/g)) {
    for (const item of list.split(',')) add(0, item.trim().split(/\s+/)[0]);
  }
  const from = /(?:^|[\n;:])[ \t]*from[ \t]+(\.*)[ \t]*([\w.]*)[ \t]+import[ \t]*(?:\(([^)]*)\)|([^\n;#]+))/g;
  for (const [, dots, module, many, few] of text.matchAll(from)) {
    add(dots.length, module);
    for (const item of (many ?? few).replace(/#[^\n]*/g, '').split(',')) {
      const name = item.trim().split(/\s+/)[0];
      if (/^\w+$/.test(name)) add(dots.length, `${module}.${name}`);
    }
  }
  for (const [, name] of text.matchAll(/\b(?:import_module|__import__)\(\s*["']([\w.]+)["']/g)) add(0, name);
  return found;
}

/** `a.b` is `a/__init__.py` and `a/b.py` or `a/b/__init__.py`. */
function locate({ level, parts }: PythonImport, path: string, scriptFolder: string): string[] {
  let folder = scriptFolder;
  if (level > 0) {
    folder = posix.dirname(path);
    for (let up = 1; up < level; up++) folder = posix.join(folder, '..');
  }
  const files = level > 0 ? [posix.join(folder, '__init__.py')] : [];
  for (let count = 1; count <= parts.length; count++) {
    const module = posix.join(folder, ...parts.slice(0, count));
    files.push(`${module}.py`, `${module}/__init__.py`);
  }
  return files;
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => posix.normalize(name));
}
