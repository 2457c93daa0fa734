// Drives a headless Chromium over its debugging pipe (DevTools protocol): for tests of pages and for pictures.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The browser to use: CLADE_CHROMIUM, or the first on the PATH; null where there is none. */
export function findChromium() {
  if (process.env.CLADE_CHROMIUM) return process.env.CLADE_CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const found = NAMES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found) return found;
  }
  return null;
}

/** Starts a browser with one empty page. */
export async function openBrowser(program) {
  const profile = mkdtempSync(join(tmpdir(), 'clade-browser-'));
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run'];
  const child = spawn(program, [...args, '--remote-debugging-pipe', `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const [, , , input, output] = child.stdio;
  const waiting = new Map();
  const events = [];
  let last = 0;
  let rest = '';
  output.setEncoding('utf8');
  output.on('data', (chunk) => {
    const parts = (rest + chunk).split('\0');
    rest = parts.pop();
    for (const part of parts) {
      const message = JSON.parse(part);
      if (message.id === undefined) events.push(message);
      else {
        const { resolve, reject } = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.error) reject(new Error(message.error.message));
        else resolve(message.result);
      }
    }
  });
  input.on('error', () => {}); // the browser is gone: `ended` says so
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error('the browser has ended'));
  });

  let sessionId;
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  sessionId = (await send('Target.attachToTarget', { targetId, flatten: true })).sessionId;
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);

  return {
    /** Messages of the browser as they came, oldest first. */
    events,
    send,
    /** Loads a page and waits until it is loaded. */
    async open(url) {
      const from = events.length;
      await send('Page.navigate', { url });
      await until(() => events.slice(from).some(({ method }) => method === 'Page.loadEventFired'));
    },
    /** The value of an expression in the page; a promise is awaited. */
    async evaluate(expression) {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        returnByValue: true,
        awaitPromise: true,
      });
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    },
    /** Presses a key as a person does. */
    async press(key, text) {
      const codes = { Tab: 9, Enter: 13, ' ': 32 };
      const event = { key, code: key, windowsVirtualKeyCode: codes[key] ?? 0, text };
      await send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', ...event });
      await send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
    },
    /** PNG of the page: of its whole height, or of the window alone. */
    async picture({ width, height = 800, dark = false, whole = true, scale = 1 }) {
      await send('Emulation.setEmulatedMedia', {
        features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }],
      });
      await send('Emulation.setDeviceMetricsOverride', {
        width,
        height,
        deviceScaleFactor: scale,
        mobile: false,
      });
      const { data } = await send('Page.captureScreenshot', { captureBeyondViewport: whole });
      if (!whole) return Buffer.from(data, 'base64');
      const { cssContentSize } = await send('Page.getLayoutMetrics');
      const clip = { x: 0, y: 0, width, height: cssContentSize.height, scale: 1 };
      const all = await send('Page.captureScreenshot', { captureBeyondViewport: true, clip });
      return Buffer.from(all.data, 'base64');
    },
    /** Shows the page as it is printed on A4 between margins of 12 mm, and `screen` as it is otherwise. */
    async paper({ dark = false } = {}) {
      const features = [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }];
      await send('Emulation.setEmulatedMedia', { media: 'print', features });
      await send('Emulation.setDeviceMetricsOverride', {
        width: 703, // (210 − 2 · 12) mm at 96 dots an inch
        height: 1017,
        deviceScaleFactor: 1,
        mobile: false,
      });
    },
    async screen() {
      await send('Emulation.setEmulatedMedia', { media: '', features: [] });
      await send('Emulation.clearDeviceMetricsOverride');
    },
    async close() {
      await send('Browser.close').catch(() => {});
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

async function until(isSo) {
  for (let tries = 0; !isSo(); tries++) {
    if (tries > 1500) throw new Error('the browser did not come to it within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
