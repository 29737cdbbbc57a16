/**
 * Files that an ACP agent asks the node to read and to write (rules W2, A2): kept in the driver's state until they are answered, so
 * that a node that was killed in between does what it had not done.
 */
import { cut } from '../bounds.ts';
import type { Draft } from '../draft.ts';
import type { FileDone, FileWanted } from '../driver.ts';
import { INVALID_PARAMS, Rpc } from '../jsonrpc.ts';
import type { AcpState } from './state.ts';
import * as wire from './wire.ts';

type D = Draft<AcpState>;
const rpc = new Rpc<AcpState>('2.0');

/** Requests that wait at a time, and characters of all the texts that they are to write: they are in the state of every step. */
export const MAX_FILES = 32;
export const MAX_FILE_TEXTS = 8 * 1024 * 1024;
/** Characters of a text that is handed to the agent: as much as it could hand over. */
const MAX_READ = 8 * 1024 * 1024;

/** Characters of a refusal. */
const MAX_WORDS = 64 * 1024;

/** What ACP calls a resource that is not there, and what any other failure has. */
const NOT_FOUND = -32002;
const FAILED = -32000;

const METHODS = ['fs/read_text_file', 'fs/write_text_file'] as const;
type Method = (typeof METHODS)[number];

export const isFileMethod = (method: string): method is Method => METHODS.includes(method as Method);

/** Takes a request. False when it is malformed. */
export function wantFile(d: D, request: string | number, method: Method, params: unknown): boolean {
  const wanted = method === 'fs/read_text_file' ? readWanted(d, params) : writeWanted(d, params);
  if (wanted === undefined) {
    rpc.respondError(d, request, INVALID_PARAMS, 'This request is malformed.');
    return false;
  }
  const open = d.s.files ?? [];
  const texts = [...open, wanted].reduce((sum, one) => sum + (one.op === 'write' ? one.text.length : 0), 0);
  if (open.length >= MAX_FILES || texts > MAX_FILE_TEXTS) {
    rpc.respondError(d, request, FAILED, tooMuch(open.length));
    return true;
  }
  d.s.filed = (d.s.filed ?? 0) + 1;
  d.s.files = [...open, { ...wanted, request }];
  return true;
}

/** Answers a request; one that is not open is passed over, as it was answered before a crash. */
export function fileDone(d: D, file: string, done: FileDone): void {
  const open = d.s.files?.find((one) => one.file === file);
  if (open === undefined) return;
  d.s.files = d.s.files?.filter((one) => one !== open) ?? [];
  if ('error' in done) {
    const { code, message } = done.error;
    if (code === 'not_found' && open.op === 'read' && d.s.missing === 'empty')
      return rpc.respond(d, open.request, { content: '' });
    // Agents know it by these words, not by its number.
    if (code === 'not_found')
      return rpc.respondError(d, open.request, NOT_FOUND, `Resource not found: ${open.path}`);
    return rpc.respondError(d, open.request, FAILED, cut(message, MAX_WORDS));
  }
  if (open.op === 'write') return rpc.respond(d, open.request, {});
  const content = done.text ?? '';
  if (content.length > MAX_READ) rpc.respondError(d, open.request, FAILED, tooLong(content.length));
  else rpc.respond(d, open.request, { content });
}

function readWanted(d: D, params: unknown): FileWanted | undefined {
  const parsed = wire.readFile.safeParse(params);
  if (!parsed.success) return undefined;
  const { path, line, limit } = parsed.data;
  return { file: nextId(d), op: 'read', path, line: line ?? null, limit: limit ?? null };
}

function writeWanted(d: D, params: unknown): FileWanted | undefined {
  const parsed = wire.writeFile.safeParse(params);
  if (!parsed.success) return undefined;
  return { file: nextId(d), op: 'write', path: parsed.data.path, text: parsed.data.content };
}

/** No agent's own name of a call begins so. */
const nextId = (d: D) => `file ${(d.s.filed ?? 0) + 1}`;

const tooMuch = (open: number) =>
  open >= MAX_FILES
    ? `More than ${MAX_FILES} files are asked for at once.`
    : `More than ${MAX_FILE_TEXTS} characters are to be written at once.`;
const tooLong = (length: number) =>
  `The file has ${length} characters, more than ${MAX_READ}. Read a part of it, by line and limit.`;
