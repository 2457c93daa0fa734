import type { StaleReason } from '../core/events.ts';

/** One line that says why a step is to be executed. */
export function formatReason(reason: StaleReason): string {
  const { field, from, to, place } = reason;
  const change = from !== undefined || to !== undefined ? `: ${from ?? '(none)'} → ${to ?? '(none)'}` : '';
  const where = place ? ` (${place})` : '';
  switch (reason.code) {
    case 'never-made':
      return 'not made before';
    case 'stage-changed':
      return `the stage changed${change}`;
    case 'parameter-changed':
      return `parameter ${field}${change}${where}`;
    case 'seed-changed':
      return `the seed changed${change}`;
    case 'code-changed':
      return `code ${field}${change}`;
    case 'engine-changed':
      return `the engine changed${change}`;
    case 'input-changed':
      return `input ${field}${change}`;
    case 'source-changed':
      return `source ${field}${change}`;
    case 'output-missing':
      return `its output ${field} is missing`;
    case 'output-damaged':
      return `its output ${field} is damaged${to ? ` (${to})` : ''}; set aside in quarantine`;
    case 'output-removed':
      return 'output removed by gc';
    case 'forced':
      return 'forced';
    case 'depends-on':
      return `depends on ${field}`;
  }
}
