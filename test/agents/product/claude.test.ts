/** Claude Code through the whole product, on the scripted model. */
import { claude } from '../claude.ts';
import { productOf } from './suite.ts';

productOf(claude);
