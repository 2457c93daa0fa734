// The rooms and who may import whom (ARCHITECTURE.md). What is not listed is forbidden.
const rooms = {
  core: [],
  spec: ['core'],
  plan: ['core', 'spec'],
  store: ['core'],
  runner: ['core', 'plan', 'store'],
  engine: ['core'],
  formats: ['core'],
  imaging: ['core'],
  ml: ['core'],
  charts: ['core'],
  catalogue: ['core'],
  expect: ['core', 'formats'],
  library: ['core', 'formats'],
  worker: ['core', 'engine', 'stages'],
  views: ['core', 'charts', 'formats'], // and the read side of store, below
  cli: [
    'core',
    'spec',
    'plan',
    'store',
    'runner',
    'engine',
    'formats',
    'charts',
    'catalogue',
    'expect',
    'views',
  ],
};

/** Packages and the one room (or file) that may use them. */
const packages = {
  'yaml|ajv|ajv-formats': '^src/spec/',
  'better-sqlite3': '^src/store/',
  'p-queue': '^src/runner/',
  '@tensorflow': '^src/engine/',
  'fast-png|csv-parse|csv-stringify': '^src/(formats|charts)/',
  '@itk-wasm': '^src/imaging/',
  'umap-js|linear-sum-assignment': '^src/ml/',
  'd3-delaunay|@resvg/resvg-js|dejavu-fonts-ttf': '^src/charts/',
  esbuild: '^src/catalogue/',
  'ink|react': '^src/views/live/',
  commander: '^src/cli/',
  pixelmatch: '^src/expect/',
  typebox: '^src/stages/[^/]+/declaration\\.ts$',
};

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-barrel-files', severity: 'error', from: {}, to: { path: '^src/.*/index\\.tsx?$' } },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\./worker-main\\.js$' },
    },
    ...Object.entries(rooms).map(([room, may]) => ({
      name: `room-${room}`,
      comment: `${room} may import ${[...may, 'itself'].join(', ')}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: {
        path: '^src/',
        pathNot: [room, ...may]
          .map((name) => `^src/${name}/`)
          .concat(room === 'views' ? ['^src/store/read-'] : []),
      },
    })),
    {
      name: 'stage-declaration',
      comment: 'a declaration is data: it imports core and typebox',
      severity: 'error',
      from: { path: '^src/stages/[^/]+/declaration\\.ts$' },
      to: { path: '^src/', pathNot: '^src/core/' },
    },
    {
      name: 'stage-run',
      comment: 'a stage imports its own folder, core, formats, imaging, ml and charts',
      severity: 'error',
      from: { path: '^src/stages/([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/stages/$1/', '^src/(core|formats|imaging|ml|charts)/'] },
    },
    ...Object.entries(packages).map(([names, owner]) => ({
      name: `package-${names.split('|')[0]}`,
      comment: `only ${owner} uses ${names}`,
      severity: 'error',
      from: { path: '^src/', pathNot: owner },
      to: { path: `^node_modules/(${names})(/|$)` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['src/engine/.*/assembly/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
