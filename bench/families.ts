/** Every family of rows, in the order in which they run. */
import type { Family } from './lib/row.ts';
import { p1 } from './p1-echo.ts';

export const FAMILIES: readonly Family[] = [p1];
