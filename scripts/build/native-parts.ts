/** Copies the prebuilt native files of this platform beside the node's bundles. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ROOT } from './entries.ts';
import { writeIfChanged } from './write.ts';

const { platform, arch } = process;
const requireOfNode = createRequire(join(ROOT, 'packages/node/package.json'));

/** Returns the absolute paths of the copies. */
export function copyNativeParts(directory: string): string[] {
  const copies: [string, string][] = [
    [join(ptyPackage(), 'pty.node'), 'pty.node'],
    [sqlitePrebuild(), 'better_sqlite3.node'],
  ];
  if (platform === 'darwin') copies.push([join(ptyPackage(), 'spawn-helper'), 'spawn-helper']);
  return copies.map(([from, name]) => writeIfChanged(join(directory, name), readFileSync(from), 0o755));
}

/** The platform's package is a dependency of node-pty, not of ours, so it is looked up from there. */
function ptyPackage(): string {
  const requireOfPty = createRequire(requireOfNode.resolve('node-pty'));
  return dirname(requireOfPty.resolve(`@lydell/node-pty-${platform}-${arch}/pty.node`));
}

function sqlitePrebuild(): string {
  const prebuilds = join(dirname(requireOfNode.resolve('better-sqlite3/package.json')), 'prebuilds');
  const file = join(prebuilds, `${platform}${usesMusl() ? 'musl' : ''}-${arch}.node`);
  if (!existsSync(file)) throw new Error(`better-sqlite3 has nothing prebuilt for ${platform} ${arch}`);
  return file;
}

function usesMusl(): boolean {
  if (platform !== 'linux') return false;
  const report = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime === undefined;
}
