/**
 * What a tool is that agents direct others with (rule N1): one definition for what a model is told, what is checked, and what is answered.
 * The tools are run by the node; whoever offers them to an agent (`skein mcp`) lists these and hands calls on.
 */
import * as z from 'zod';
import type { ErrorCode } from '../errors.ts';
import type { Role } from '../members/roles.ts';

export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  name: string;
  /** For people. */
  title: string;
  /** For a model: what it does, what comes back, when to use it. */
  description: string;
  input: I;
  /** What `data` of a good answer is. */
  output: O;
  /** Changes nothing. */
  reads: boolean;
  /**
   * What the capability must hold: a role; `self`, for what an agent does about itself, which every one may; or `approve`, the right to
   * answer for those below it.
   */
  needs: Role | 'self' | 'approve';
}

export function tool<I extends z.ZodObject, O extends z.ZodObject>(one: Tool<I, O>): Tool<I, O> {
  // A field that there is not is a mistake, and told as one.
  return { ...one, input: one.input.strict() as I };
}

/** What a call comes to. What is wrong with it is an answer as well, for the model to read and to mend. */
export type ToolAnswer =
  | {
      ok: true /** For the model. */;
      text: string /** As the tool's `output`. */;
      data: Record<string, unknown>;
    }
  | {
      ok: false;
      code: ErrorCode;
      message: string;
      /** Of the input, such as `agents[0]`: what is wrong there, if it is there. */
      field?: string;
      data?: unknown;
    };

/** A call as it is handed to the node. `call` is chosen by who hands it on: the same again is the same as once. */
export const toolCall = z.object({
  call: z.string().regex(/^[A-Za-z0-9_-]{8,64}$/),
  name: z.string().max(64),
  input: z.unknown(),
  /** By the machine's user, who has no capability: the session (name or id) that is meant. Refused of an agent. */
  session: z.string().min(1).max(128).optional(),
});
export type ToolCall = z.infer<typeof toolCall>;

/** The schema of a tool's input or output, as MCP and models want it. */
export function jsonSchema(schema: z.ZodObject, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return json;
}
