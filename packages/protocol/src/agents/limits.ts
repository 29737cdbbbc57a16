/** How much of what an agent says one event, or one line of its protocol, may hold. */

/** Characters of one text in an event: a longer message is told in several events, any other text is cut and says so. */
export const MAX_AGENT_TEXT = 1024 * 1024;

/** Characters of an identifier that an agent has chosen, and of what names something for a person. */
export const MAX_AGENT_ID = 256;
export const MAX_AGENT_TITLE = 1024;

/** Characters of a path, and how many of them one tool call names. */
export const MAX_AGENT_PATH = 4096;
export const MAX_AGENT_PATHS = 64;

/** Entries of a list that an agent offers: its modes, models, commands, the steps of its plan. */
export const MAX_AGENT_LIST = 512;

/** Of that, what is at hand without reading its event: modes and models each, commands, characters of a name, of what it is. */
export const MAX_OFFERED = 64;
export const MAX_OFFERED_COMMANDS = 256;
export const OFFERED_NAME = 80;
export const OFFERED_DESCRIPTION = 200;

/** Ways in which one approval may be answered. */
export const MAX_APPROVAL_OPTIONS = 16;

/** Files that one tool call shows the change of. */
export const MAX_AGENT_DIFFS = 64;

/** Bytes of one prompt, attachments included. Larger ones belong in a file that the prompt names. */
export const MAX_PROMPT = 8 * 1024 * 1024;

/** Parts of one prompt, and prompts that may wait in one agent's queue. */
export const MAX_PROMPT_PARTS = 64;
export const MAX_QUEUE = 100;
/** Ids of prompts remembered after they have waited, so that none is queued again. */
export const MAX_TAKEN = 64;

/** Characters of a prompt that are at hand without reading its event; and of the reason of an answer. */
export const PROMPT_PREVIEW = 240;
export const MAX_REASON = 4096;

/** Characters of what a question is about that are at hand without reading its event. */
export const APPROVAL_DETAIL = 1024;

/** Agents of one session. */
export const MAX_AGENTS = 32;

/** Of a session: answers given for always, and approvals that are remembered after they were settled. */
export const MAX_RULES = 256;
export const MAX_SETTLED = 64;
