import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import packageJson from '../package.json' with { type: 'json' };
import { offlineShell } from './offlineShell.ts';
import { precompressed } from './precompressed.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const built = fileURLToPath(new URL('../dist', import.meta.url));

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: here }).toString().trim();
  } catch {
    return 'unknown';
  }
}

// The app uses the package as it is published: what a stranger's bundler meets, this one met first.
export default defineConfig({
  root: here,
  plugins: [react(), offlineShell(), precompressed()],
  define: {
    __APP_VERSION__: JSON.stringify(packageJson.version),
    __APP_COMMIT__: JSON.stringify(commit()),
  },
  resolve: {
    alias: [
      { find: /^twinstore$/, replacement: `${built}/client/index.js` },
      { find: /^twinstore\/sw$/, replacement: `${built}/sw/index.js` },
      { find: /^twinstore\/ui$/, replacement: `${built}/ui/index.js` },
      { find: /^twinstore\/ui\/styles\.css$/, replacement: `${built}/ui/styles.css` },
      { find: /^twinstore\/devtools$/, replacement: `${built}/devtools/index.js` },
      { find: /^twinstore\/testing$/, replacement: `${built}/testing/index.js` },
      { find: /^twinstore\/react$/, replacement: `${built}/react/index.js` },
    ],
  },
  worker: { format: 'es' },
  build: { target: 'es2022', emptyOutDir: true, assetsInlineLimit: 0, reportCompressedSize: false },
  server: {
    proxy: {
      '/sync': { target: process.env.TWINSTORE_SERVER ?? 'http://127.0.0.1:8477', ws: true },
    },
  },
});
