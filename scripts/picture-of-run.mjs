// Makes docs/pictures/run.svg: `clade run pipelines/quickstart.yaml` in a real terminal (tmux), caught
// while it trains, and its end. Run by `npm run docs:pictures`; needs tmux.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [COLUMNS, ROWS] = [96, 30];
const session = `clade-picture-${process.pid}`;
const artifacts = mkdtempSync(join(tmpdir(), 'clade-picture-'));
const tmux = (...args) => execFileSync('tmux', args, { encoding: 'utf8' });
const screen = () => tmux('capture-pane', '-e', '-p', '-t', session).trimEnd();

const command = `cd '${root}' && env -u CI LANG=C.UTF-8 TERM=xterm-256color node bin/clade.js run pipelines/quickstart.yaml --artifacts '${artifacts}'`;
tmux('new-session', '-d', '-s', session, '-x', String(COLUMNS), '-y', String(ROWS), `${command}; sleep 60`);
try {
  let live = '';
  for (let tries = 0; tries < 1200; tries++) {
    await sleep(100);
    const now = screen();
    const plain = now.replaceAll(/\x1b\[[0-9;]*m/g, '');
    if (/pretrain +epoch [1-9]\d+\//.test(plain)) live = now;
    if (/succeeded|failed/.test(plain)) break;
  }
  await sleep(300);
  const shown = [
    '$ npx clade run pipelines/quickstart.yaml',
    ...live.split('\n'),
    '',
    '…',
    '',
    ...screen().split('\n'),
  ];
  writeFileSync(join(root, 'docs/pictures/run.svg'), drawScreen(shown));
} finally {
  tmux('kill-session', '-t', session);
  rmSync(artifacts, { recursive: true, force: true });
}

/** Lines with colour codes as an SVG of a dark terminal. */
function drawScreen(lines) {
  const [cellWidth, cellHeight, margin] = [8.43, 19, 16];
  const width = COLUMNS * cellWidth + 2 * margin;
  const height = lines.length * cellHeight + 2 * margin;
  const rows = lines.map(
    (line, at) =>
      `<text x="${margin}" y="${margin + 14 + at * cellHeight}" xml:space="preserve">${spans(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#d8dee9"><title>clade run in a terminal</title><rect width="100%" height="100%" rx="8" fill="#1b1f27"/>${rows.join('\n')}</svg>\n`;
}

function spans(line) {
  const colours = { 31: '#f07178', 32: '#a3d977', 33: '#ffcb6b', 36: '#6fc3df' };
  const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  let style = {};
  let out = '';
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    const codes = /^\x1b\[([0-9;]*)m$/.exec(part);
    if (!codes) {
      if (part !== '')
        out += `<tspan${style.fill ? ` fill="${style.fill}"` : ''}${style.dim ? ' opacity="0.6"' : ''}${style.bold ? ' font-weight="bold"' : ''}>${escaped(part)}</tspan>`;
      continue;
    }
    for (const code of codes[1].split(';').map(Number)) {
      if (code === 0) style = {};
      else if (code === 1) style.bold = true;
      else if (code === 2) style.dim = true;
      else if (code === 22) style.bold = style.dim = false;
      else if (code === 39) style.fill = undefined;
      else if (colours[code]) style.fill = colours[code];
    }
  }
  return out;
}
