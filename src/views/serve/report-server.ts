import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface ServedPage {
  readonly html: string;
  readonly contentSecurityPolicy: string;
}

export interface ReportServerOptions {
  /** The page as it stands; called for each request that is answered with it, so it has to be quick when nothing changed. */
  readonly page: () => ServedPage;
}

/** Names of this machine to itself: a page elsewhere whose name was made to lead here says another. */
const OWN_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * One read-only page at `/`. Answers GET and HEAD alone, and only under a name that means this machine (against DNS
 * rebinding); nothing but that page can be had, so there is no path to go astray.
 */
export function createReportServer({ page }: ReportServerOptions): Server {
  return createServer((request, response) => {
    try {
      answer(request, response, page);
    } catch (error) {
      refuse(response, 500, `the report cannot be made: ${(error as Error).message}`);
    }
  });
}

function answer(request: IncomingMessage, response: ServerResponse, page: () => ServedPage): void {
  if (!OWN_NAMES.has(hostName(request.headers.host))) {
    refuse(response, 421, 'this report is for this machine alone: open it as http://127.0.0.1 or localhost');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    refuse(response, 405, 'this report is for reading alone: GET or HEAD');
    return;
  }
  if (request.url?.split('?')[0] !== '/') {
    refuse(response, 404, 'there is one page here: /');
    return;
  }
  const { html, contentSecurityPolicy } = page();
  const tag = `"${createHash('sha256').update(html).digest('hex').slice(0, 32)}"`;
  setSafeHeaders(response);
  response.setHeader('Content-Security-Policy', `${contentSecurityPolicy}; frame-ancestors 'none'`);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('ETag', tag);
  response.setHeader('Server-Timing', `page;desc=${tag}`); // a page cannot read its own headers, but this
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  response.setHeader('Content-Length', Buffer.byteLength(html));
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : html);
}

function hostName(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').toLowerCase();
}

function refuse(response: ServerResponse, status: number, message: string): void {
  setSafeHeaders(response);
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.writeHead(status).end(`${message}\n`);
}

function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
}
