/** Gemini CLI through the whole product, on the scripted model. */
import { gemini } from '../gemini.ts';
import { productOf } from './suite.ts';

productOf(gemini);
