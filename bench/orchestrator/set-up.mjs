import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the packages of a tool into a folder of its own below `home`, unless they are there: a
 * virtual environment for those of PyPI, node_modules for those of npm.
 * @returns where its programs are, or what it says instead of installing
 */
export function setUp(tool, home) {
  const folder = join(home, tool.name.toLowerCase());
  if (tool.packages) {
    const bin = join(folder, 'bin');
    if (!existsSync(join(folder, 'ready'))) {
      run('python3', ['-m', 'venv', folder]);
      run(join(bin, 'pip'), ['install', '--quiet', ...tool.packages]);
      writeFileSync(join(folder, 'ready'), '');
    }
    const listed = spawnSync(join(bin, 'pip'), ['list', '--format', 'json'], { encoding: 'utf8' }).stdout;
    const found = JSON.parse(listed).find(({ name }) => name.toLowerCase() === tool.name.toLowerCase());
    return { bin, version: found.version };
  }
  if (tool.npm) {
    if (!existsSync(join(folder, 'node_modules'))) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'package.json'), '{}');
      run('npm', ['install', '--silent', '--no-audit', '--no-fund', ...tool.npm], folder);
    }
    const listed = spawnSync('npm', ['ls', '--json'], { encoding: 'utf8', cwd: folder }).stdout;
    return {
      bin: join(folder, 'node_modules/.bin'),
      version: JSON.parse(listed).dependencies[tool.npm[0]].version,
    };
  }
  return { bin: '', version: 'this checkout' };
}

function run(program, args, cwd = process.cwd()) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
