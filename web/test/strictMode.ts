// Every hook test once more as React's StrictMode renders: twice, with effects that end and begin anew.
import { configure } from '@testing-library/react';

configure({ reactStrictMode: true });
