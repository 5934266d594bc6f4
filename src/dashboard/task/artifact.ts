import type { ArtifactRef } from '../../protocol/task.ts';

/** How the text of an artifact is shown. */

/** Longer Markdown is shown as it is written: to make a page of it would keep the browser busy. */
const mostMarkdown = 131_072;

export type Manner = 'markdown' | 'text' | 'binary';

const isMarkdown = ({ mediaType, name }: Pick<ArtifactRef, 'mediaType' | 'name'>): boolean =>
  /^text\/(x-)?markdown\b/.test(mediaType) || (/^text\/plain\b/.test(mediaType) && /\.(md|markdown)$/i.test(name));

const isText = (mediaType: string): boolean =>
  /^(text\/|application\/(json|xml|javascript|typescript|x?-?yaml|toml|sql|x-sh|graphql)\b|[\w.-]+\/[\w.-]+\+(json|xml)\b)/.test(mediaType);

/** As its media type says; what is no text by its media type is not read unless somebody wants to see it. */
export function mannerOf(artifact: Pick<ArtifactRef, 'mediaType' | 'name' | 'bytes'>): Manner {
  if (isMarkdown(artifact)) return artifact.bytes > mostMarkdown ? 'text' : 'markdown';
  return isText(artifact.mediaType) ? 'text' : 'binary';
}

/** What is wrong with a text, in words; null when nothing is. */
export function faultOf({ mediaType, bytes }: Pick<ArtifactRef, 'mediaType' | 'bytes'>, text: string, isWhole: boolean): string | null {
  if (bytes === 0) return 'It is empty.';
  if (text.includes('\u0000')) return 'It holds bytes that are no text. Download it to open it with a program for its kind.';
  if (text.includes('\uFFFD')) return 'Some of its characters could not be read; they are shown as \uFFFD.';
  if (isWhole && /[/+]json\b/.test(mediaType)) {
    try {
      JSON.parse(text);
    } catch (error) {
      return `It says that it is JSON, and is none: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return null;
}
