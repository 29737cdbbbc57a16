/** What all checks of what a compose file refers to have in common (rule B2). Pure. */
import { type FieldPath, meantBy } from './problems.ts';

/** `name`: the place is that of the field's name, not of its value. */
export type Add = (field: FieldPath, message: string, name?: boolean) => void;

export function checkWorkspace(name: string, all: object, field: FieldPath, add: Add): void {
  if (Object.hasOwn(all, name)) return;
  const names = Object.keys(all);
  const none = names.length === 0 ? '; say it under workspaces:' : meantBy(name, names);
  add(field, `there is no workspace "${name}" in this file${none}`);
}
