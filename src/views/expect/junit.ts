import type { CheckResult, TestReport } from '../../core/test-report.ts';
import { changeText } from './test-text.ts';

/** JUnit's XML as GitHub's and GitLab's readers take it: one suite, a case an expectation. */
export function junitXml(report: TestReport): string {
  const { checks, counts, pipeline, durationMs } = report;
  const seconds = (durationMs / 1000).toFixed(3);
  const totals = `tests="${checks.length}" failures="${counts.failed}" errors="0" skipped="0" time="${seconds}"`;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="clade test" ${totals}>`,
    `  <testsuite name="${escapeXml(pipeline)}" ${totals}>`,
    ...checks.map((check) => testCase(pipeline, check)),
    '  </testsuite>',
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function testCase(pipeline: string, check: CheckResult): string {
  const { title, file, line, status } = check;
  const step = check.steps[0] ?? 'sweep';
  const head = `    <testcase classname="${escapeXml(`${pipeline}.${step}`)}" name="${escapeXml(title)}" file="${escapeXml(file)}" line="${line}" time="0"`;
  if (status !== 'failed') return `${head}/>`;
  const message = `expected ${check.expected}, got ${check.got}`;
  const body = [
    ...check.details,
    ...(check.lastHeld ? [`last held in run ${check.lastHeld.runId}`] : []),
    ...check.changes.map((change) => `changed since: ${changeText(change)}`),
  ];
  return `${head}>\n      <failure type="expectation" message="${escapeXml(message)}">${escapeXml(body.join('\n'))}</failure>\n    </testcase>`;
}

/** XML 1.0 has no way to write most control characters: they are replaced. */
function escapeXml(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      '\ufffd',
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
