import type { Issue } from '../../errors.ts';

/** Faults of texts that are kept in files or come as one argument: by file, line and key. */

type Fault = { readonly [K in keyof Issue]: Issue[K] | undefined } & Pick<Issue, 'path' | 'message'>;

export const tellFault = ({ file, line, path, message }: Fault) => ({
  ...(file !== undefined && { file }),
  ...(line !== undefined && { line }),
  ...(path !== '' && { key: path }),
  message,
});

/** `templates/user/release.json5: tasks.tag.title: is missing (line 12)` */
export const faultAt = ({ file, line, path, message }: Fault): string =>
  [file ?? '', path, message].filter((part) => part !== '').join(': ') + (line === undefined ? '' : ` (line ${line})`);
