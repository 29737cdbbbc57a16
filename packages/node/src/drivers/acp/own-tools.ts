/**
 * Skein's own tools in an agent of ACP (rule N1): the server that has them, and their names, which policies know (A5). Gemini CLI
 * tells no names; but it begins the id of each call with that of the tool and `__`, whatever its model has called it, and the
 * tools of a server with the server's. Pure.
 */
import { TOOL_NAMES } from '@skein/protocol/tools/tools';
import type { CallNews } from '../calls.ts';
import { ownToolName, TOOLS_NAME, toolsCommand } from '../tools.ts';
import type { AcpState } from './state.ts';
import type { McpServer } from './wire.ts';

const TELLS_BY_ID = 'gemini-cli';
/**
 * What follows has no `__` again: else the name may go on there, as the server `skein_report_` and its tool `run` make
 * `mcp_skein_report__run`. Nor does it end as ids that Gemini CLI makes without `__`.
 */
const OURS = new RegExp(`^mcp_${TOOLS_NAME}_(${TOOL_NAMES.join('|')})__(?!_)(?!.*__)(?!.*-\\d+-\\d+$).`);

export function ownTool(
  { tools, name }: Pick<AcpState, 'tools' | 'name'>,
  id: string,
): Pick<CallNews, 'name'> {
  const [, own] = tools !== undefined && name?.name === TELLS_BY_ID ? (OURS.exec(id) ?? []) : [];
  return own === undefined ? {} : { name: ownToolName(own) };
}

export function servers({ tools }: Pick<AcpState, 'tools'>): McpServer[] {
  return tools === undefined ? [] : [{ name: TOOLS_NAME, ...toolsCommand(tools), env: [] }];
}
