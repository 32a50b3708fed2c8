import { createContext } from 'react';
import type { Store } from '../client/index.js';

export const StoreContext = createContext<Store | null>(null);
