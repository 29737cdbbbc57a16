/** The version of this build; the bundler puts it in. */
declare const __SKEIN_VERSION__: string | undefined;

export const VERSION = typeof __SKEIN_VERSION__ === 'undefined' ? '0.0.0' : __SKEIN_VERSION__;
