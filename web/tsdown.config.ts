import { defineConfig } from 'tsdown';

// The folders of src stay, so that relative addresses of the worker and the module are the same in
// the package as in the source. Types come from tsc: a bundler of declarations is not needed.
export default defineConfig({
  entry: {
    'client/index': 'src/client/index.ts',
    'react/index': 'src/react/index.ts',
    'worker/worker': 'src/worker/worker.ts',
  },
  outDir: 'dist',
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  dts: false,
  clean: true,
  sourcemap: false,
  minify: 'dce-only',
  hash: false,
  // The module's glue finds twinstore.wasm beside itself; it is copied, not bundled.
  external: [/wasm\/twinstore\.js$/],
});
