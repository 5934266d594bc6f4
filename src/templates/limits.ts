/** The words and bounds of templates. */

export const templateCategories = ['builtin', 'user', 'shared'] as const;
export type TemplateCategory = (typeof templateCategories)[number];
/** The folders that a project writes; what is built in only changes with the program. */
export const ownCategories = ['user', 'shared'] as const;
export type OwnCategory = (typeof ownCategories)[number];

/** What the templates of the default library are about, as their metadata says it. */
export const topics = ['development', 'research', 'creative', 'business', 'self_development'] as const;

export const templateLimits = {
  bytes: 102_400,
  /** Levels of objects and lists, the template itself being the first. */
  depth: 20,
  filesPerCategory: 200,
  /** Templates that extend each other, one on top of the other. */
  inheritance: 20,
  parameterBytes: 8_192,
  /** What all placeholders together may put in. */
  substituted: 1_000_000,
  patternLength: 200,
  patternStates: 1_000,
  /** Of a value that is held against a pattern. */
  matchedLength: 1_000,
} as const;

/** Never a path: no dots, no slashes; and no name that Windows keeps for a device. */
const idPattern = /^(?!(?:con|prn|aux|nul|com\d|lpt\d)$)[a-z0-9][a-z0-9_-]{0,63}$/i;

export const templateIdRule = '1 to 64 letters, digits, _ and -, a letter or digit first';

export function isTemplateId(text: string): boolean {
  return idPattern.test(text);
}

/** Names that reach an object's prototype when a program copies members without care. */
export const hostileKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
