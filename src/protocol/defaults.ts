/** What a service grants unless it is told otherwise. */
export const defaults = {
  /** Events that can be replayed at least. */
  windowEvents: 10_000,
  /** How long workers get after a start to come back before their leases end. */
  graceMs: 60_000,
  /** Uploads under way, of all callers. */
  uploads: 1_000,
  uploadBytes: 64 * 1024 * 1024,
  /** All uploads under way together. */
  uploadsBytes: 256 * 1024 * 1024,
  /** How long an upload may be under way, and then may wait for a task to claim it. */
  uploadMs: 3_600_000,
} as const;
