// Builds the app into demo/dist from the package in dist/.
import { execFileSync } from 'node:child_process';
import { web, whenChanged } from './whenChanged.mjs';

whenChanged('demo/dist', ['dist', 'demo', 'scripts', 'package-lock.json'], () =>
  execFileSync(
    process.execPath,
    ['node_modules/vite/bin/vite.js', 'build', '--config', 'demo/vite.config.ts'],
    { cwd: web, stdio: 'inherit' },
  ),
);
