/** Codex through the whole product, on the scripted model. */
import { codex } from '../codex.ts';
import { productOf } from './suite.ts';

productOf(codex);
