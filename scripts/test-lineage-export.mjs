// `npm run test:lineage-export`: what clade says of descent, read by the tools of others, from PyPI.
//   PROV-JSON by `prov`; the RO-Crate by `roc-validator`, as a Provenance Run Crate 0.5, all that it REQUIRES.
// Both are installed into an environment in the user's cache folder. The validator fetches the JSON-LD context
// from w3id.org: where that or PyPI is refused, this fails and says so.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const windows = process.platform === 'win32';
const venv = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'clade-test-lineage-export');
const python = join(venv, windows ? 'Scripts/python.exe' : 'bin/python');

const PIPELINE = `name: small
seed: 3
stages:
  say: { uses: command, with: { run: 'echo hello > "$OUT/word.txt"', outputs: [word.txt] } }
  shout: { uses: command, needs: { text: say }, with: { run: 'tr a-z A-Z < "$IN_TEXT/word.txt" > "$OUT/word.txt"', outputs: [word.txt] } }
`;

const READ_PROV = `
import sys
from prov.model import ProvDocument
document = ProvDocument.deserialize(sys.argv[1], format='json')
print(len(document.get_records()), 'records of PROV read back by prov')
assert len(document.get_records()) > 0
`;

const VALIDATE = `
import sys
from rocrate_validator import services
result = services.validate({'rocrate_uri': sys.argv[1], 'profile_identifier': 'provenance-run-crate-0.5', 'requirement_severity': 'REQUIRED'})
for issue in result.get_issues():
    print(issue.severity, issue.check.identifier, issue.message)
print('roc-validator, Provenance Run Crate 0.5, REQUIRED:', 'accepted' if result.passed() else 'refused')
sys.exit(0 if result.passed() else 1)
`;

const place = mkdtempSync(join(tmpdir(), 'clade-lineage-export-'));
try {
  if (!existsSync(python)) call(windows ? 'py' : 'python3', ['-m', 'venv', venv], 'no Python with venv');
  const packages = ['roc-validator==0.13.0', 'prov==3.2.3'];
  call(python, ['-m', 'pip', 'install', '-q', ...packages], 'PyPI was refused: nothing has been tested');
  writeFileSync(join(place, 'small.yaml'), PIPELINE);
  clade('run', 'small.yaml', '--plain');
  writeFileSync(join(place, 'prov.json'), clade('lineage', 'shout', '--format', 'prov'));
  clade(
    'export',
    'latest',
    '-o',
    'crate',
    '--format',
    'ro-crate',
    '--license',
    'https://spdx.org/licenses/CC-BY-4.0',
  );
  const readings = [
    [READ_PROV, join(place, 'prov.json')],
    [VALIDATE, join(place, 'crate')],
  ];
  for (const [program, path] of readings) {
    const { status, stdout, stderr } = spawnSync(python, ['-c', program, path], { encoding: 'utf8' });
    process.stdout.write(stdout);
    if (status === 0) continue;
    process.exitCode = 1;
    process.stderr.write(stderr);
    if (/resolve|retrieve the JSON-LD context|urlopen/.test(stdout + stderr))
      process.stderr.write(
        'w3id.org cannot be reached: the validator has no JSON-LD context to read the crate with\n',
      );
  }
} finally {
  rmSync(place, { recursive: true, force: true });
}

function clade(...args) {
  const command = [join(root, 'bin/clade.js'), ...args];
  return call(process.execPath, command, `clade ${args[0]} failed`);
}

function call(program, args, otherwise) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: place, encoding: 'utf8' });
  if (status === 0) return stdout;
  process.stderr.write(`${stderr ?? ''}${otherwise}\n`);
  process.exit(1);
}
