/** The part of node-pty that Skein uses. The prebuilt package's own types declare another module name. */
declare module 'node-pty' {
  import type { Buffer } from 'node:buffer';
  import type { Socket } from 'node:net';

  export interface IDisposable {
    dispose(): void;
  }

  export interface IPty {
    readonly pid: number;
    readonly cols: number;
    readonly rows: number;
    /** Bytes when spawned with `encoding: null`, else strings. */
    onData(listener: (data: string & Buffer) => void): IDisposable;
    onExit(listener: (event: { exitCode: number; signal?: number }) => void): IDisposable;
    resize(cols: number, rows: number): void;
    write(data: string | Uint8Array): void;
    kill(signal?: string): void;
    pause(): void;
    resume(): void;
    /** Not public: whether the terminal is still open is told nowhere else. */
    readonly _socket: Socket;
    /** Nor this: the terminal's master side. */
    readonly fd: number;
    /** Nor this: where the system has the program's side. */
    readonly ptsName: string;
    /** Nor this: of its own events, once. */
    once(event: string, listener: () => void): void;
  }

  export interface SpawnOptions {
    name?: string;
    cols?: number;
    rows?: number;
    cwd?: string;
    env?: Record<string, string | undefined>;
    encoding?: string | null;
  }

  export function spawn(file: string, args: string[], options: SpawnOptions): IPty;
}
