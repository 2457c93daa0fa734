import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createReportServer } from '../../../../src/views/serve/report-server.ts';

let close = () => {};
afterEach(() => close());

async function serve(html: () => string): Promise<number> {
  const server = createReportServer({
    page: () => ({ html: html(), contentSecurityPolicy: "default-src 'none'" }),
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => {
    server.close();
    server.closeAllConnections();
  };
  return (server.address() as AddressInfo).port;
}

function ask(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string> } = {},
) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>(
    (resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, ...options }, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      });
      asked.on('error', reject);
      asked.end();
    },
  );
}

describe('the served report', () => {
  it('gives its page with the policy, never to be stored or framed', async () => {
    const port = await serve(() => '<p>page</p>');
    const { status, headers, body } = await ask(port);
    expect([status, body]).toEqual([200, '<p>page</p>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it.each([
    '127.0.0.1',
    'localhost',
    'LOCALHOST:1234',
    '[::1]:80',
  ])('answers to the name %s', async (Host) => {
    expect((await ask(await serve(() => 'x'), { headers: { Host } })).status).toBe(200);
  });

  it.each([
    'evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
  ])('refuses the name %j, which a page elsewhere may have led here', async (Host) => {
    const { status, body } = await ask(await serve(() => 'secret'), { headers: { Host } });
    expect(status).toBe(421);
    expect(body).not.toContain('secret');
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const { status, headers } = await ask(await serve(() => 'x'), { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it.each([
    '/../../etc/passwd',
    '/%2e%2e/x',
    '/index.html',
    '//',
    'http://evil.example/',
  ])('has nothing at %s', async (path) => {
    expect((await ask(await serve(() => 'x'), { path })).status).toBe(404);
  });

  it('answers HEAD without a body, and the same tag until the page changes', async () => {
    let html = 'one';
    const port = await serve(() => html);
    const first = await ask(port, { method: 'HEAD' });
    expect([first.body, first.headers['content-length']]).toEqual(['', '3']);
    const again = await ask(port, { headers: { 'If-None-Match': String(first.headers.etag) } });
    expect(again.status).toBe(304);
    html = 'two';
    expect((await ask(port, { method: 'HEAD' })).headers.etag).not.toBe(first.headers.etag);
  });

  it('says why the page cannot be made, and goes on', async () => {
    let broken = true;
    const port = await serve(() => {
      if (broken) throw new Error('the index is locked');
      return 'whole';
    });
    const failed = await ask(port);
    expect([failed.status, failed.body]).toEqual([500, 'the report cannot be made: the index is locked\n']);
    broken = false;
    expect((await ask(port)).body).toBe('whole');
  });
});
