/** The streams that a receipt concerns besides its target, as its row has them: `,3,17,`, or nothing. */
export function concerning(numbers: readonly number[]): string {
  return numbers.length === 0 ? '' : `,${numbers.join(',')},`;
}
