// A built app in real Chromium, served with the strict policy that the package promises to run under.
import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { chromium } from '../../e2e/support/paths.mjs';
import { patienceMs } from '../../e2e/support/patience.mjs';

export const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'";
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

export const missing = chromium === undefined && 'there is no Chromium: scripts/setup browser';

/** Serves a folder until it is closed, and again, at the same address, when it is opened. */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const head = { 'content-type': types[extname(file)] ?? 'text/plain' };
    response.writeHead(200, { ...head, 'content-security-policy': policy }).end(readFileSync(file));
  });
  const listen = (port) => new Promise((done) => server.listen(port, '127.0.0.1', done));
  await listen(0);
  const { port } = server.address();
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}/`, close, open: () => listen(port) };
}

/** A browser with a profile of its own, and all that its pages complain of. */
export async function openBrowser() {
  const browser = await playwright.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const complaints = [];
  const loaded = [];
  const context = await browser.newContext();
  context.setDefaultTimeout(patienceMs);
  context.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  context.on('response', (response) => {
    loaded.push({ url: response.url(), type: response.headers()['content-type'] });
    if (response.status() >= 400) complaints.push(`${response.url()} ${response.status()}`);
  });
  const open = async (url) => {
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(url);
    return page;
  };
  return { open, complaints, loaded, close: () => browser.close() };
}

/** Opens an address; hands the page to `story`; returns what went wrong and what was loaded. */
export async function visit(url, story) {
  const browser = await openBrowser();
  try {
    await story(await browser.open(url));
  } finally {
    await browser.close();
  }
  return browser;
}
