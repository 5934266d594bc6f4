import type { OwnCategory, TemplateCategory } from './limits.ts';

/** A template as it is kept. */
export interface StoredTemplate {
  readonly id: string;
  readonly category: TemplateCategory;
  /** How messages call it, for example `templates/user/release.json5`. */
  readonly file: string;
  /** Null when it can't be read, for the reason that `fault` gives. */
  readonly text: string | null;
  readonly fault: string | null;
  readonly bytes: number;
  /** In milliseconds; null for what is built in. */
  readonly created: number | null;
  readonly modified: number | null;
}

/** Where templates are kept: those of the program, and a project's own. Nothing is kept in memory, so a file that is edited counts at once. */
export interface TemplateLibrary {
  /** Names of what is there, in order. A name that is no id is there by accident, and can't be read. `omitted`: more than are looked at. */
  names(category: TemplateCategory): Promise<{ readonly names: readonly string[]; readonly omitted: number }>;
  /** Null when there is none. */
  read(category: TemplateCategory, id: string): Promise<StoredTemplate | null>;
  /**
   * Durable when it resolves; a reader finds the old text or the new one, whole. `same` when that was its text before.
   * Rejects with LIMIT_EXCEEDED when there are too many, STORE_UNAVAILABLE when the disk refuses.
   */
  write(category: OwnCategory, id: string, text: string, overwrite: boolean): Promise<'written' | 'same' | 'exists'>;
  /** Durable when it resolves; false when there was none. */
  remove(category: OwnCategory, id: string): Promise<boolean>;
}
