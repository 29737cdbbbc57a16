/** The program `skein-relay`. */
import { runRelay } from './program.ts';

declare const __SKEIN_VERSION__: string | undefined;

void runRelay(process.argv, typeof __SKEIN_VERSION__ === 'undefined' ? '0.0.0' : __SKEIN_VERSION__);
