import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { keepSyncLog } from 'twinstore/devtools';
import { StoreProvider } from 'twinstore/react';
import { App } from './App.tsx';
import { offlineSwitch } from './offlineSwitch.ts';
import { store } from './store.ts';

// For the console: `await twinstore.sql`SELECT count(*) FROM branches``.
Object.assign(globalThis, { twinstore: store });

keepSyncLog(store);
offlineSwitch.start();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html holds no #root');
createRoot(root).render(
  <StrictMode>
    <StoreProvider store={store}>
      <App />
    </StoreProvider>
  </StrictMode>,
);
