/** CommonJS has no import.meta.url: a bundle that asks for it gets this, and any other stays without. */
export const __skeinMetaUrl = /* @__PURE__ */ (() => require('node:url').pathToFileURL(__filename).href)();
/** Nor has it import.meta.main. */
export const __skeinIsMain = /* @__PURE__ */ (() => require.main === module)();
