import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT, temporaryFolder } from '../support/clade.ts';
import { makePictureFolder, SMALL_PIPELINE } from '../support/picture-folder.ts';

/** The workflow files of docs/testing.md, as far as they can be tried without GitHub and GitLab: read, and their commands run. */
const DOCS = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const blockOf = (name: string) => {
  const [, text] = new RegExp(`\`\`\`yaml\\n# ${name.replaceAll('.', '\\.')}\\n([\\s\\S]*?)\`\`\``).exec(
    DOCS,
  )!;
  return parse(text);
};

interface GithubStep {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: { readonly [name: string]: unknown };
}
const github = blockOf('.github/workflows/results.yml');
const gitlab = blockOf('.gitlab-ci.yml');
const githubSteps: GithubStep[] = github.jobs.test.steps;

const place = temporaryFolder();
afterAll(() => place.remove());

/** A repository of a user's with the pipeline that the files name, clade installed. */
beforeAll(() => {
  mkdirSync(join(place.path, 'pipelines'));
  makePictureFolder(join(place.path, 'pipelines/data'));
  writeFileSync(
    join(place.path, 'pipelines/quickstart.yaml'),
    `${SMALL_PIPELINE}expect:\n  evaluate: { test.acc: { atLeast: 0.4 } }\n`,
  );
  mkdirSync(join(place.path, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(ROOT, 'bin/clade.js'), join(place.path, 'node_modules/.bin/clade'));
  writeFileSync(join(place.path, 'package.json'), '{ "name": "study", "private": true }');
});

/** As a runner does: `sh -e`. Installing is left out: it is the one command that needs a registry. */
async function perform(commands: readonly string[]): Promise<number> {
  const script = commands.filter((command) => command !== 'npm ci').join('\n');
  const { exitCode } = await execa('sh', ['-ec', script], {
    cwd: place.path,
    env: { CI: 'true', CLADE_ENGINE: 'wasm', npm_config_offline: 'true' },
    reject: false,
  });
  return exitCode ?? -1;
}

describe('the workflow for GitHub', { timeout: 120_000 }, () => {
  it('has jobs whose steps either use an action of a known version or run something', () => {
    expect(github).toMatchObject({ name: 'results', on: ['push', 'pull_request'] });
    expect(github.jobs.test['runs-on']).toMatch(/^ubuntu-/);
    for (const step of githubSteps) {
      expect(Object.keys(step).filter((key) => !['uses', 'run', 'with', 'if', 'name'].includes(key))).toEqual(
        [],
      );
      expect((step.uses === undefined) !== (step.run === undefined)).toBe(true);
      if (step.uses) expect(step.uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
    }
  });

  it('runs commands that work, caches the folder they fill and uploads the file they write', async () => {
    const commands = githubSteps.flatMap(({ run }) => run ?? []);
    expect(commands).toContain('npm ci');
    expect(await perform(commands)).toBe(0);
    const withOf = (action: string) => githubSteps.find(({ uses }) => uses?.startsWith(`${action}@`))!.with!;
    expect(existsSync(join(place.path, String(withOf('actions/cache').path), 'objects'))).toBe(true);
    const report = readFileSync(join(place.path, String(withOf('actions/upload-artifact').path)), 'utf8');
    expect(report).toMatch(/^<\?xml[\s\S]*<testsuite/);
  });
});

describe('the file for GitLab', { timeout: 120_000 }, () => {
  it('runs commands that work, keeps the folder they fill and shows the report they write', async () => {
    const { image, script, cache, artifacts } = gitlab.results;
    expect(image).toMatch(/^node:\d+$/);
    expect(await perform(script)).toBe(0);
    expect(existsSync(join(place.path, cache.paths[0], 'objects'))).toBe(true);
    expect(cache.when).toBe('always');
    expect(readFileSync(join(place.path, artifacts.reports.junit), 'utf8')).toContain('<testsuite');
  });

  it('fails the job where an expectation fails, and still writes the report', async () => {
    const file = join(place.path, 'pipelines/quickstart.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('atLeast: 0.4', 'atLeast: 0.999'));
    expect(await perform(gitlab.results.script)).toBe(1);
    expect(readFileSync(join(place.path, gitlab.results.artifacts.reports.junit), 'utf8')).toContain(
      '<failure',
    );
  });
});
