// Builds what `npm install` must leave ready: kernels, bundles, the catalogue of stages, the schema.
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { buildKernels, writeEngineSources } from './build-kernels.mjs';
import { knownValidators, schemasOf } from './build-validators.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/**
 * Native modules and what carries assets of its own stay packages; the rest is bundled for a quick start.
 * So is tfjs's webgpu backend, of whose 19 MB the bundle needs 0.6.
 */
const external = [
  'better-sqlite3',
  '@resvg/resvg-js',
  '@itk-wasm/*',
  'itk-wasm',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node-gpu',
  'dejavu-fonts-ttf',
  'esbuild',
];
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  jsx: 'automatic',
  alias: {
    'react-devtools-core': join(root, 'scripts/empty-module.mjs'),
    // The same code as ES modules; its CommonJS form asks the environment about a log at every token.
    yaml: join(root, 'node_modules/yaml/browser/index.js'),
  },
  define: { CLADE_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
  // CommonJS packages inside an ES bundle still call require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
};

/** Loads a TypeScript module of this repository into this process. */
async function load(path) {
  const outfile = join(dist, '.build', path.replace(/\W+/g, '-') + '.mjs');
  await build({
    absWorkingDir: root,
    entryPoints: [path],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  return import(`${pathToFileURL(outfile)}?${Date.now()}`);
}

/** The types of `clade/stage` and `clade/testing`, with those of the modules behind it. */
function writeTypes(outDir) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram(
    ['stage', 'testing'].map((name) => join(root, `src/library/${name}.ts`)),
    {
      ...options,
      noEmit: false,
      noCheck: true, // `npm run types` checks
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'src'),
      outDir,
    },
  );
  program.emit();
}

const stages = readdirSync(join(root, 'src/stages')).filter((name) =>
  existsSync(join(root, 'src/stages', name, 'run.ts')),
);

await mkdir(dist, { recursive: true });
await rm(join(dist, 'chunks'), { recursive: true, force: true });
const { buildCatalogue, completeCatalogue } = await load('src/catalogue/build-catalogue.ts');
const catalogue = await buildCatalogue({
  root,
  stagesFolder: join(root, 'src/stages'),
  workerFile: join(root, 'src/worker/main.ts'),
  moduleOf: (name) => `stages/${name}.js`,
});

const validators = await knownValidators(
  schemasOf(await load('src/spec/pipeline-form.ts'), catalogue),
  await load('src/spec/schema-text.ts'),
  join(dist, '.build/known-validators.mjs'),
);
await Promise.all([
  buildKernels(join(dist, 'kernels.wasm')),
  writeEngineSources(join(dist, 'engine-sources.json'), ['tensorflow', 'webgpu']),
  build({
    ...common,
    entryPoints: { cli: 'src/cli/main.ts', testing: 'src/library/testing.ts' },
    plugins: [validators],
    outdir: dist,
  }),
  build({
    ...common,
    splitting: false,
    entryPoints: { worker: 'src/worker/pin.ts' },
    external: [...external, './worker-main.js'],
    outdir: dist,
  }),
  build({
    absWorkingDir: root,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    entryPoints: { 'report-page': 'src/views/report/browser/main.ts' },
    outdir: dist,
    logLevel: 'warning',
  }),
  build({
    ...common,
    // `a ** b` becomes Math.pow, which the worker has pinned by then.
    supported: { 'exponent-operator': false },
    define: { ...common.define, CLADE_WORKER: JSON.stringify(catalogue.worker) },
    entryPoints: {
      'worker-main': 'src/worker/main.ts',
      stage: 'src/library/stage.ts',
      ...Object.fromEntries(stages.map((name) => [`stages/${name}`, `src/stages/${name}/run.ts`])),
    },
    outdir: dist,
  }),
]);

await writeFile(join(dist, 'catalogue.json'), JSON.stringify(completeCatalogue(catalogue, dist)));

const { digestLibrary } = await load('src/catalogue/digest-library.ts');
const exported = Object.keys(await load('src/library/stage.ts'));
const library = await digestLibrary(join(root, 'src/library/stage.ts'), exported, root);
await writeFile(join(dist, 'library.json'), JSON.stringify(library));
writeTypes(join(dist, 'types'));

const { buildPipelineSchema } = await load('src/spec/pipeline-schema.ts');
await mkdir(join(root, 'schemas'), { recursive: true });
await writeFile(
  join(root, 'schemas/pipeline.schema.json'),
  JSON.stringify(buildPipelineSchema(catalogue), null, 2) + '\n',
);
await rm(join(dist, '.build'), { recursive: true, force: true });
