import { ExpectedFailure } from '../../src/core/failure.ts';
import { openEngine } from '../../src/engine/open-engine.ts';

try {
  const engine = await openEngine('webgpu', { threads: 1 });
  engine.dispose();
  process.stdout.write(engine.identity.name);
} catch (error) {
  if (!(error instanceof ExpectedFailure)) throw error;
  process.stdout.write(`${error.failure.reason}: ${error.message}`);
}
