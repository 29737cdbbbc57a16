/** A program's last screen, kept in `final.json` of its directory when it ends (rule H5). */
import fs from 'node:fs';
import path from 'node:path';
import { type Infer, int, obj, str } from '@skein/protocol/shape';
import { FILE_MODE, readJson } from '../platform/files.ts';

const text = str(Number.MAX_SAFE_INTEGER);
const finalScreen = obj({ offset: int(0), cols: int(1), rows: int(1), text, ansi: text, paint: text });
type FinalScreen = Infer<typeof finalScreen>;

/** `text` and `ansi` with their history, `paint` as a terminal of the same size is to be painted. */
export function writeFinal(
  dir: string,
  taken: { offset: number; cols: number; rows: number; data: Uint8Array },
  ansi: Uint8Array,
  paint: Uint8Array,
): void {
  const decoder = new TextDecoder();
  const { offset, cols, rows, data } = taken;
  const final: FinalScreen = {
    offset,
    cols,
    rows,
    text: decoder.decode(data),
    ansi: decoder.decode(ansi),
    paint: decoder.decode(paint),
  };
  fs.writeFileSync(path.join(dir, 'final.json'), JSON.stringify(final), { mode: FILE_MODE });
}

/** The last screen; undefined when none was kept, or what was kept is not sound. */
export function readFinal(dir: string): FinalScreen | undefined {
  try {
    return finalScreen(readJson(path.join(dir, 'final.json')), '');
  } catch {
    return undefined;
  }
}
