/** The version and the build of this program, which the bundler puts in, and how they are told from a node's. */
declare const __SKEIN_VERSION__: string | undefined;
declare const __SKEIN_BUILD__: string | undefined;

export const VERSION = typeof __SKEIN_VERSION__ === 'undefined' ? '0.0.0' : __SKEIN_VERSION__;

interface Release {
  version: string;
  /** Absent of what was built before there were builds. */
  build?: string | undefined;
}

/** Sources change more often than versions do: those of one version are told apart by what they were built of. */
export const OWN: Release = {
  version: VERSION,
  build: typeof __SKEIN_BUILD__ === 'undefined' ? undefined : __SKEIN_BUILD__,
};

export function isSame(a: Release, b: Release): boolean {
  return a.version === b.version && a.build === b.build;
}

/** Two releases in words that differ where they do. */
export function releaseText({ version, build }: Release): string {
  return `${version} (${build === undefined ? 'an earlier build' : `build ${build}`})`;
}
