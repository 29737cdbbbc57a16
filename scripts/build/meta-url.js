/** CommonJS has no import.meta.url: a bundle that asks for it gets this, and any other stays without. */
import { pathToFileURL } from 'node:url';

export const __skeinMetaUrl = pathToFileURL(__filename).href;
