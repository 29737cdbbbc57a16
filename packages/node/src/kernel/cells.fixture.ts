/** For tests of cells: a kernel with keepers, what they keep, and reading it. */
import { openKernel } from './counter.fixture.ts';
import { type Keep, keeper } from './keeper.fixture.ts';
import type { Kernel } from './kernel.ts';
import type { KernelOptions } from './options.ts';
import type { Reply } from './types.ts';

export async function openKeepers(dir: string, options: Partial<KernelOptions> = {}): Promise<Kernel> {
  const kernel = await openKernel(dir, options);
  kernel.registerActor(keeper);
  return kernel;
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

export const keep = (kernel: Kernel, target: string, body: Keep): Promise<Reply> =>
  kernel.submit(null, { target, type: 'keep', body });

export const cellsOf = async (
  kernel: Kernel,
  stream: string,
  prefix = '',
): Promise<Record<string, Uint8Array>> =>
  Object.fromEntries(
    [...(await kernel.cells(stream, prefix))].map(([key, value]) => [key, Uint8Array.from(value)]),
  );
