import type { Task } from '../../protocol/task.ts';
import type { Asked } from '../../client/link.ts';
import type { MethodName, Output } from '../../protocol/methods.ts';

/** What the form of an action asks, and what is sent of it. */

export type Values = Readonly<Record<string, string | boolean>>;

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: 'line' | 'text' | 'code' | 'number' | 'time' | 'check' | 'choice';
  /** Each with its words. */
  readonly choices?: readonly (readonly [string, string])[];
  readonly isRequired?: boolean;
  readonly hint?: string;
  /** Not asked for while this is false. */
  readonly isAsked?: (values: Values) => boolean;
}

export type Call = <M extends MethodName>(method: M, input: Asked<M>) => Promise<Output<M>>;

/** Who looks at the task. */
export interface Person {
  /** Of this tab; the holder of what is started here. */
  readonly worker: string;
  readonly scopes: readonly string[];
}

interface Sending {
  readonly call: Call;
  /** As it is now. */
  readonly task: Task;
  /** As it was when the form was opened. */
  readonly opened: Task;
  readonly values: Values;
  /** The task that it waits for, of actions on a dependency. */
  readonly other: Task['id'];
}

export interface Action {
  /** The machine's event, as `Task.allowed` names it. */
  readonly event: string;
  readonly label: string;
  /** What it does, said at the form. */
  readonly about?: string;
  readonly key?: string;
  readonly tone: 'primary' | 'ordinary' | 'danger';
  /** Sent at once when there is nothing to ask. */
  readonly fields: (task: Task, person: Person) => readonly Field[];
  readonly initial?: (task: Task) => Values;
  readonly send: (sending: Sending) => Promise<{ readonly task: Task }>;
}

export const textOf = (values: Values, name: string): string => String(values[name] ?? '').trim();
/** Undefined, and so not sent, when nothing was typed. */
export const typedText = (values: Values, name: string): string | undefined => textOf(values, name) || undefined;
export const typedNumber = (values: Values, name: string): number | undefined => {
  const typed = typedText(values, name);
  return typed === undefined || Number.isNaN(Number(typed)) ? undefined : Number(typed);
};
export const isSet = (values: Values, name: string): boolean => values[name] === true;

/** What the form begins with: what was typed before, else what the task says. */
export function startOf(action: Action, task: Task, fields: readonly Field[], typed: Values = {}): Values {
  const blank = Object.fromEntries(fields.map(({ name, kind, choices }) => [name, kind === 'check' ? false : (choices?.[0]?.[0] ?? '')]));
  return { ...blank, ...action.initial?.(task), ...typed };
}

/** The labels of what must be given and is not. */
export const missingOf = (fields: readonly Field[], values: Values): string[] =>
  fields
    .filter(
      ({ name, isRequired, isAsked }) =>
        isRequired === true && isAsked?.(values) !== false && (values[name] === false || textOf(values, name) === ''),
    )
    .map(({ label }) => label);

/** A form that stands open. */
export interface Opened {
  readonly action: Action;
  readonly other: Task['id'];
  /** As it was then. */
  readonly task: Task;
}
