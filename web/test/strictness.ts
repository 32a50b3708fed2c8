import { getConfig } from '@testing-library/react';

/** How often React calls a component for one render: StrictMode does it twice, to find impurities. */
export const rendersOfOne = getConfig().reactStrictMode ? 2 : 1;
