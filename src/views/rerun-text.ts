import type { RerunReport, RerunResult } from '../core/rerun-report.ts';
import { countOf } from './format.ts';
import { formatReason } from './format-reason.ts';

/** What was not the same, and how many were. */
export function rerunText({ status, results }: RerunReport): string {
  const count = (wanted: RerunResult['status']) =>
    results.filter((result) => result.status === wanted).length;
  const [equal, differing] = [count('equal'), count('differs')];
  const files = results.reduce((sum, result) => sum + (result.status === 'equal' ? result.files : 0), 0);
  const summary = [
    `${countOf(equal, 'artifact')} made again with the same bytes (${countOf(files, 'file')})`,
    ...(differing > 0 ? [`${differing} with others`] : []),
    ...(count('damaged') > 0 ? [`${count('damaged')} damaged`] : []),
    ...(count('refused') > 0 ? [`${count('refused')} not tried`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
    ...(status === 'interrupted' ? ['interrupted'] : []),
  ];
  return `${[...results.flatMap(resultLines), summary.join(', ')].join('\n')}\n`;
}

function resultLines({ stepId, status, differences, reasons, failure }: RerunResult): string[] {
  const found = differences.map(({ path, problem }) => `  ${path}: ${problem}`);
  switch (status) {
    case 'equal':
      return [];
    case 'differs':
      return [`${stepId}: differs`, ...found, `  ${NOT_DETERMINISTIC}`];
    case 'damaged':
      return [`${stepId}: the stored artifact is damaged`, ...found, `  ${DAMAGED}`];
    case 'refused': {
      const why = failure ? [`${failure.reason}: ${failure.message}`] : reasons.map(formatReason);
      return [`${stepId}: not tried, since what decides it is not what it was`, ...why.map(indented)];
    }
    case 'failed':
      return [`${stepId}: failed`, indented(`${failure!.reason}: ${failure!.message}`)];
  }
}

const NOT_DETERMINISTIC =
  'code, parameters, seed, engine and inputs are the same: the stage is not deterministic (the time, random numbers without the seed, an order that changes), or the machine is another';
const DAMAGED = 'the next run moves it to quarantine/ and makes it again';

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
