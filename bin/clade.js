#!/usr/bin/env node
import('../dist/cli.js').catch((error) => {
  if (error?.code === 'ERR_MODULE_NOT_FOUND' && String(error.message).includes('dist/cli.js')) {
    process.stderr.write('clade is not built yet: run `npm install` (or `npm run build`) in its folder.\n');
    process.exit(2);
  }
  throw error;
});
