import * as z from 'zod';
import { artifactTypes, specialistKey, text } from '../protocol/values.ts';

/** What a specialist is: whom a worker has to be while it works on a task of this role. */

const said = (maxBytes: number) => text(maxBytes).refine((value) => value.trim() !== '', { error: 'is empty' });
const listed = (maxItems: number, maxBytes: number) => z.array(said(maxBytes)).min(1).max(maxItems);

/** Every member is bounded, so that a role takes at most a known part of the context that begins with it. */
const members = z.strictObject({
  key: specialistKey,
  name: said(100),
  /** Two to four sentences to whoever takes the role. */
  definition: said(2_000),
  expertise: listed(12, 200),
  /** Steps, in order. */
  approach: listed(12, 300),
  /** The form in which the work is handed over, usually as headings. */
  outputFormat: said(4_000),
  /** What other tasks may ask of the role. */
  capabilities: listed(12, 120),
  /** Questions that the worker answers for itself on the way. */
  prompts: listed(4, 300),
  /** Hours without a report after which work counts as stale; also the default lease. */
  staleHours: z.number().min(0.1).max(8_760),
  /** What the role's work is stored as, unless the worker names another type. */
  artifactType: z.enum(artifactTypes),
});

export const role = z.compile(members);
/** A project's role file gives only the members that it changes. */
export const roleChanges = z.compile(members.partial());
export const roleMembers: readonly string[] = Object.keys(members.shape);

export type Role = Readonly<z.output<typeof role>>;
export type RoleChanges = z.output<typeof roleChanges>;

export type CataloguedRole = Role & {
  readonly source: 'builtin' | 'project';
  /** Hash of the content: attempts keep it, so that it is known later what a worker was told. */
  readonly hash: string;
};

export interface RoleCatalogue {
  get(key: string): CataloguedRole | undefined;
  /** Built-in keys first, then the project's own, each in the order given. */
  list(): readonly CataloguedRole[];
}

/** One text with the members in a fixed order: the order in which a file happens to name its members does not change the hash. */
function canonical(given: Role): string {
  const { key, name, definition, expertise, approach, outputFormat, capabilities, prompts, staleHours, artifactType } = given;
  return JSON.stringify({ key, name, definition, expertise, approach, outputFormat, capabilities, prompts, staleHours, artifactType });
}

/** A catalogue in which a project's role takes the place of the built-in one of the same key. */
export function createCatalogue(builtin: readonly Role[], hash: (text: string) => string, project: readonly Role[] = []): RoleCatalogue {
  const roles = new Map<string, CataloguedRole>();
  for (const given of builtin) roles.set(given.key, { ...given, source: 'builtin', hash: hash(canonical(given)) });
  for (const given of project) roles.set(given.key, { ...given, source: 'project', hash: hash(canonical(given)) });
  const list = [...roles.values()];
  return { get: (key) => roles.get(key), list: () => list };
}
