import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeEnvironment } from '../../../../src/engine/tensorflow/make-environment.ts';
import { temporaryFolder } from '../../../support/clade.ts';
import { writeScript } from '../../../support/engine/fake-tensorflow.ts';

let place: ReturnType<typeof temporaryFolder>;
const at = (...names: string[]) => join(place.path, ...names);
beforeEach(() => {
  place = temporaryFolder();
});
afterEach(() => place.remove());

/** A Python whose `venv` makes an environment in which pip does `pip`; both note that they were called. */
function pythonWith(pip: string, venv = ''): string {
  const inner = at('inner');
  writeScript(inner, `echo "pip $*" >> '${at('calls.txt')}'\n${pip}`);
  return writeScript(
    at('python3'),
    `echo "venv" >> '${at('calls.txt')}'
${venv}
for folder; do :; done
mkdir -p "$folder/bin"
echo > "$folder/pyvenv.cfg"
cp '${inner}' "$folder/bin/python3"
cp '${inner}' "$folder/bin/pip"`,
  );
}
const make = (python: string, folder = at('env')) =>
  makeEnvironment({ python, folder, requirement: 'tensorflow-cpu', tell: () => {} });
const calls = () => readFileSync(at('calls.txt'), 'utf8').trim().split('\n');
const told = (reason: string, message: RegExp) => ({
  failure: { reason, message: expect.stringMatching(message) },
});

describe('makeEnvironment', () => {
  it('makes an environment once, and has pip complete what is there', async () => {
    const python = pythonWith('exit 0');
    expect(await make(python)).toBe(at('env/bin/python3'));
    expect(await make(python)).toBe(at('env/bin/python3'));
    expect(calls().map((call) => call.split(' ')[0])).toEqual(['venv', 'pip', 'pip']);
    expect(calls()[1]).toBe('pip -m pip install --disable-pip-version-check --no-input tensorflow-cpu');
  });

  it('begins anew where it was cut off before pip was in it', async () => {
    mkdirSync(at('env/bin'), { recursive: true });
    writeFileSync(at('env/pyvenv.cfg'), '');
    writeScript(at('env/bin/python3'), 'exit 9');
    expect(await make(pythonWith('exit 0'))).toBe(at('env/bin/python3'));
    expect(calls()[0]).toBe('venv');
  });

  it('writes into no folder that is something else', async () => {
    mkdirSync(at('mine'));
    writeFileSync(at('mine/thesis.txt'), 'years');
    await expect(make(pythonWith('exit 0'), at('mine'))).rejects.toMatchObject(
      told('engine-unavailable', /mine is not empty and no virtual environment/),
    );
    expect(existsSync(at('calls.txt'))).toBe(false);
  });

  it('says what is missing where Python comes without venv', async () => {
    const python = pythonWith('exit 0', 'echo "Error: ensurepip is not available" >&2; exit 1');
    await expect(make(python)).rejects.toMatchObject(
      told('engine-unavailable', /cannot make a virtual environment.*apt install python3-venv/),
    );
  });

  it.each([
    [
      'WARNING: Retrying after connection broken by NewConnectionError: Network is unreachable',
      /does not reach its index.*pip download.*PIP_NO_INDEX/,
    ],
    ['ERROR: 403 Client Error: Forbidden for url', /does not reach its index/],
    [
      'ERROR: No matching distribution found for tensorflow-cpu',
      /no such package for this Python.*3\.10 to 3\.13/,
    ],
    ['ERROR: something that nobody foresaw', /call it yourself.*--python .*env\/bin\/python3/],
  ])('names the cure where pip says: %s', async (says, message) => {
    await expect(make(pythonWith(`echo '${says}' >&2; exit 1`))).rejects.toMatchObject(
      told('engine-unavailable', message),
    );
  });

  it('knows a full disk by what pip says of it', async () => {
    const says = 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device';
    await expect(make(pythonWith(`echo '${says}' >&2; exit 1`))).rejects.toMatchObject(
      told('out-of-space', /the disk is full .*--venv DIR/),
    );
  });
});
