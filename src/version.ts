import { readFileSync } from 'node:fs';

/** The package's version; the file stands one folder above, in the sources and when built. */
export const version = versionOf(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

function versionOf(content: unknown): string {
  if (typeof content === 'object' && content !== null && 'version' in content && typeof content.version === 'string')
    return content.version;
  throw new Error('package.json names no version');
}
