import type { ArtifactRef } from '../../protocol/task.ts';
import type { Link } from './tool.ts';

/** Where MCP clients read what the service has (RFC 3986; the scheme is ours). */
export const uris = {
  task: (id: string) => `troupe://tasks/${id}`,
  context: (id: string) => `troupe://tasks/${id}/context`,
  plan: (id: string) => `troupe://plans/${id}`,
  artifact: (id: string) => `troupe://artifacts/${id}`,
  roles: 'troupe://roles',
  role: (key: string) => `troupe://roles/${key}`,
  machine: (id: string) => `troupe://machines/${id}`,
} as const;

type Mentioned = Pick<ArtifactRef, 'id' | 'name' | 'type' | 'bytes'>;

/** An artifact in an answer; its content is one read away. */
export const referenceOf = ({ id, type, name, bytes }: Mentioned) => ({ id, type, name, path: uris.artifact(id), size: bytes });

/** More links than these cost more than they help; the references name all. */
const maxLinks = 10;

/** The newest artifacts as links. */
export const linksTo = (artifacts: readonly (Mentioned & { readonly mediaType?: string })[]): Link[] =>
  artifacts.slice(-maxLinks).map(({ id, name, bytes, mediaType }) => ({
    uri: uris.artifact(id),
    name,
    mimeType: mediaType ?? 'text/markdown',
    size: bytes,
  }));
