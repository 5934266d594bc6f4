import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TroupeError } from '../errors.ts';
import { builtinTemplates } from '../templates/builtin.ts';
import type { StoredTemplate, TemplateLibrary } from '../templates/library.ts';
import { isTemplateId, templateLimits } from '../templates/limits.ts';
import type { OwnCategory, TemplateCategory } from '../templates/limits.ts';
import { replaceFile, syncDirectory } from './replace-file.ts';

const folder = 'templates';
const extension = '.json5';
/** More names than these were put there by something else than us. */
const mostNames = 1_000;

/** The built-in templates, and those of `<directory>/templates/user/` and `…/shared/`, one file each: `<id>.json5`. */
export function openTemplates(directory: string): TemplateLibrary {
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time: whether a file is there decides what becomes of it. */
  const inTurn = <T>(change: () => Promise<T>): Promise<T> => {
    const turn = last.then(change);
    last = turn.catch(() => undefined);
    return turn;
  };
  const folderOf = (category: OwnCategory): string => join(directory, folder, category);
  const pathOf = (category: OwnCategory, id: string): string => {
    // The last place before the file system: no name becomes a path.
    if (!isTemplateId(id)) throw new TypeError('not the id of a template');
    return join(folderOf(category), `${id}${extension}`);
  };

  const read = async (category: TemplateCategory, id: string): Promise<StoredTemplate | null> => {
    if (!isTemplateId(id)) return null;
    if (category !== 'builtin') return readStored(pathOf(category, id), category, id);
    const text = builtinTemplates.get(id);
    if (text === undefined) return null;
    const bytes = Buffer.byteLength(text);
    return { id, category, file: `builtin/${id}`, text, fault: null, bytes, created: null, modified: null };
  };

  const write: TemplateLibrary['write'] = (category, id, text, overwrite) =>
    inTurn(async () => {
      const before = await read(category, id);
      if (before?.text === text) return 'same';
      if (before !== null && !overwrite) return 'exists';
      if (before === null) await requireRoom(folderOf(category), category, id);
      try {
        await makeFolder(folderOf(category), directory);
        await replaceFile(pathOf(category, id), text);
      } catch (error) {
        throw refusedByDisk('written', error);
      }
      return 'written';
    });

  const remove: TemplateLibrary['remove'] = (category, id) =>
    inTurn(async () => {
      try {
        await rm(pathOf(category, id));
        await syncDirectory(folderOf(category));
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return false;
        throw refusedByDisk('removed', error);
      }
    });

  const names: TemplateLibrary['names'] = async (category) => {
    const all = (category === 'builtin' ? [...builtinTemplates.keys()] : await namesIn(folderOf(category))).toSorted();
    return { names: all.slice(0, mostNames), omitted: Math.max(0, all.length - mostNames) };
  };

  return { names, read, write, remove };
}

async function namesIn(path: string): Promise<string[]> {
  let files: string[];
  try {
    files = await readdir(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new TroupeError('STORE_UNAVAILABLE', `the folder of the templates can't be read: ${codeOf(error)}`);
  }
  // Names with a leading dot are what editors leave behind, and what we leave when we are killed.
  return files.filter((name) => name.endsWith(extension) && !name.startsWith('.')).map((name) => name.slice(0, -extension.length));
}

async function requireRoom(path: string, category: OwnCategory, id: string): Promise<void> {
  const names = await namesIn(path);
  const max = templateLimits.filesPerCategory;
  if (names.length >= max)
    throw new TroupeError('LIMIT_EXCEEDED', `${category} has ${names.length} templates, at most ${max} are kept`, {
      limit: { name: `templates in ${category}`, max, actual: names.length + 1 },
      fix: 'delete templates that nobody uses',
    });
  // On some disks the two would be one file.
  const like = names.find((name) => name !== id && name.toLowerCase() === id.toLowerCase());
  if (like !== undefined)
    throw new TroupeError(
      'TEMPLATE_EXISTS',
      `there is a template "${like}" in ${category}: an id that only differs by its capitals is refused`,
    );
}

async function readStored(path: string, category: OwnCategory, id: string): Promise<StoredTemplate | null> {
  const file = `${folder}/${category}/${id}${extension}`;
  const unread = (fault: string): StoredTemplate => ({ id, category, file, text: null, fault, bytes: 0, created: null, modified: null });
  try {
    const { size, birthtimeMs, mtimeMs, isFile } = await facts(path);
    const told = {
      id,
      category,
      file,
      bytes: size,
      created: birthtimeMs === 0 ? null : Math.floor(birthtimeMs),
      modified: Math.floor(mtimeMs),
    };
    // Reading a pipe would wait for ever.
    if (!isFile) return { ...told, text: null, fault: 'is not a file' };
    if (size > templateLimits.bytes) return { ...told, text: null, fault: `${size} bytes; a template has at most ${templateLimits.bytes}` };
    const bytes = await readFile(path);
    try {
      return { ...told, bytes: bytes.length, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), fault: null };
    } catch {
      return { ...told, text: null, fault: 'is not UTF-8' };
    }
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : unread(`can't be read: ${codeOf(error)}`);
  }
}

async function facts(path: string) {
  const found = await stat(path);
  return { size: found.size, birthtimeMs: found.birthtimeMs, mtimeMs: found.mtimeMs, isFile: found.isFile() };
}

/** A folder whose name a power cut can't take away again. */
async function makeFolder(path: string, directory: string): Promise<void> {
  if ((await mkdir(path, { recursive: true })) === undefined) return;
  for (let made = path; made !== directory && made !== dirname(made); made = dirname(made)) await syncDirectory(dirname(made));
}

function refusedByDisk(what: string, error: unknown): TroupeError {
  return new TroupeError('STORE_UNAVAILABLE', `the template can't be ${what}: ${codeOf(error)}`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
