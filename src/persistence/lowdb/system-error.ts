export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The operating system's name for what went wrong, for example ENOENT; null when it was something else. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}
