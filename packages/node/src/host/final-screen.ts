/** A program's last screen, kept in `final.json` of its directory when it ends (rule H5). */
import fs from 'node:fs';
import path from 'node:path';
import { type Infer, int, obj, str } from '@skein/protocol/shape';
import { FILE_MODE, readJson } from '../platform/files.ts';
import type { Form, Painted } from './screen-events.ts';

/** Lines of history that it keeps. */
const HISTORY = 1000;

const text = str(Number.MAX_SAFE_INTEGER);
const finalScreen = obj({ offset: int(0), cols: int(1), rows: int(1), text, ansi: text, paint: text });
type FinalScreen = Infer<typeof finalScreen>;

/**
 * Keeps the last screen, of which `take` gives the forms: `text` and `ansi` with their history, `paint` as a terminal of the
 * same size is to be painted. What cannot be had, as it is too large, is left out. Returns the painting. Where the disk refuses,
 * `refused` is given what is to be tried again, and says whether it is kept.
 */
export async function keepFinal(
  dir: string,
  take: (form: Form, history: number) => Promise<Painted>,
  refused: (again: () => boolean) => void = () => {},
): Promise<Painted | undefined> {
  const form = (kind: Form, history: number) => take(kind, history).catch(() => undefined);
  const text = await form('text', HISTORY);
  const ansi = await form('ansi', HISTORY);
  const paint = await form('paint', 0);
  const any = paint ?? text ?? ansi;
  if (any === undefined) return undefined;
  const { offset, cols, rows } = any;
  const decoded = (taken: Painted | undefined) => new TextDecoder().decode(taken?.data);
  const final: FinalScreen = {
    offset,
    cols,
    rows,
    text: decoded(text),
    ansi: decoded(ansi ?? text),
    paint: decoded(paint),
  };
  let kept = false;
  const keep = (): boolean => {
    if (kept) return true;
    try {
      fs.writeFileSync(path.join(dir, 'final.json'), JSON.stringify(final), { mode: FILE_MODE });
      fs.rmSync(path.join(dir, 'screen'), { force: true });
      kept = true;
    } catch {
      // Whatever the disk refuses, the program's end is told, and the others of this host go on.
      refused(keep);
    }
    return kept;
  };
  keep();
  return paint;
}

/** The last screen; undefined when none was kept, or what was kept is not sound. */
export function readFinal(dir: string): FinalScreen | undefined {
  try {
    return finalScreen(readJson(path.join(dir, 'final.json')), '');
  } catch {
    return undefined;
  }
}
