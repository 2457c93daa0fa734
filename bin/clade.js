#!/usr/bin/env node
import module from 'node:module';
import { setFlagsFromString } from 'node:v8';

// Most runs end before optimised code would pay for its compilation, which on few cores takes the time of what
// it is to quicken: it starts a few milliseconds later than V8 would (132 KB of bytecode; `node --v8-options`).
setFlagsFromString('--interrupt-budget=1000000');
module.enableCompileCache?.(); // Node 22 keeps what it compiled of the bundle

import('../dist/cli.js').catch((error) => {
  if (error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('dist/cli.js')) {
    process.stderr.write('clade is not built yet: run `npm install` (or `npm run build`) in its folder.\n');
    process.exit(2);
  }
  throw error;
});
