import { TroupeError } from '../../errors.ts';
import type { ArtifactRef } from '../../protocol/task.ts';

/** Fetches an artifact as it was stored, and gives it to the browser as a file. The token goes in a header, so a plain link won't do. */
export async function download({ id, name }: ArtifactRef, token: string): Promise<void> {
  const response = await fetch(`artifacts/${id}`, { headers: { authorization: `Bearer ${token}` } }).catch((error: unknown) => {
    throw new TroupeError('UNREACHABLE', error instanceof Error ? error.message : String(error));
  });
  if (!response.ok) throw refusalOf(response.status, await response.json().catch(() => null));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has it by then; until this page goes it would be kept.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function refusalOf(status: number, body: { error?: { message?: unknown } } | null): TroupeError {
  const said = body?.error?.message;
  const message = typeof said === 'string' ? said : `the service answered ${status}`;
  return new TroupeError(status === 404 ? 'ARTIFACT_NOT_FOUND' : status === 401 ? 'UNAUTHENTICATED' : 'UNREADABLE', message);
}
