/** How people write so many bytes on a command line. */
import { SkeinError } from '@skein/protocol/errors';
import { bytesText } from '../output/bytes-text.ts';

const UNITS = ['', 'K', 'M', 'G', 'T'];

/** `512MiB`, `512M` or `1G` in bytes, a unit 1,024 of the last; throws `bad_request`, also outside of the bounds. */
export function parseBytes(
  option: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d{1,15})\s?([KMGT]?)(?:iB|B)?$/i.exec(text);
  const bytes =
    match === null ? Number.NaN : Number(match[1]) * 1024 ** UNITS.indexOf((match[2] ?? '').toUpperCase());
  if (bytes >= min && bytes <= max) return bytes;
  const bounds = `${bytesText(min)} to ${bytesText(max)}`;
  throw new SkeinError(
    'bad_request',
    `--${option} takes a size of ${bounds}, as 256MiB or 1GiB, not "${text}".`,
  );
}
