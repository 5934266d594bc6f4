import { TroupeError } from '../errors.ts';
import { idPatterns } from '../ids.ts';
import type { ArtifactId } from '../ids.ts';
import type { Output } from '../protocol/methods.ts';
import type { CommonOptions } from './call.ts';
import { inLines } from './columns.ts';
import { connect } from './connect.ts';
import { printJson } from './output.ts';
import { shown } from './task-id.ts';

const isArtifactId = (text: string): text is ArtifactId => idPatterns.a.test(text);

/** Prints the work as it was stored, byte for byte; to a terminal without what would steer it. */
export async function artifact(id: string, options: CommonOptions): Promise<void> {
  if (!isArtifactId(id))
    throw new TroupeError('INVALID_PARAMS', `${shown(id)} is no id of an artifact`, { fix: 'give the whole id, as troupe show tells it' });
  const link = connect(options, { makes: false });
  try {
    const contents: string[] = [];
    const show = (text: string): void => {
      if (options.json === true) contents.push(text);
      else process.stdout.write(process.stdout.isTTY ? inLines(text) : text);
    };
    let page: Output<'artifact.get'>;
    let offset: number | null = 0;
    do {
      page = await link.call('artifact.get', { artifactId: id, offset });
      show(page.content);
      offset = page.nextOffset;
    } while (offset !== null);
    if (options.json === true) printJson({ artifact: page.artifact, content: contents.join('') });
  } finally {
    await link.close();
  }
}
