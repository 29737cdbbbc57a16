/** OpenCode through the whole product, on the scripted model. */
import { opencode } from '../opencode.ts';
import { productOf } from './suite.ts';

productOf(opencode);
