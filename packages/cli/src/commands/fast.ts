/** The commands that are parsed and run without loading anything that they do not need. */
import type { CommandSpec } from '../invocation/spec.ts';
import { attach } from './attach/spec.ts';
import { hook } from './hook/spec.ts';
import { ls } from './ls/spec.ts';
import { screen } from './screen/spec.ts';
import { send } from './send/spec.ts';

export const FAST: readonly CommandSpec[] = [ls, attach, send, screen, hook];
