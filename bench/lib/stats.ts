/** Order statistics of samples. */

function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) throw new Error('no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1);
  return sorted[Math.max(0, at)] as number;
}

export const median = (samples: readonly number[]) => quantile(samples, 0.5);
export const p99 = (samples: readonly number[]) => quantile(samples, 0.99);

/** The statistic, or undefined where nothing was measured. */
export function orNone(
  samples: readonly number[],
  statistic: (samples: readonly number[]) => number,
): number | undefined {
  return samples.length === 0 ? undefined : statistic(samples);
}
