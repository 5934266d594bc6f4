import { pino } from 'pino';

/** What the service writes its log with: an object of facts, then a sentence. */
export type Logger = Pick<pino.Logger, 'debug' | 'info' | 'warn' | 'error'>;

export interface Log {
  readonly logger: Logger;
  /** Writes what is buffered now. An exit of the process does so by itself. */
  flush(): void;
}

const secrets = ['token', 'authorization', 'ticket'];
const depths = ['', '*.', '*.*.', '*.*.*.'];

/**
 * Lines of JSON on standard error, written in the background. `level` is one of pino's (default info).
 * Members that name a secret are blanked down to four levels; no secret should get here at all.
 */
export function createLog(level = 'info'): Log {
  const destination = pino.destination({ dest: 2, sync: false });
  // A log that nobody can read any more must not end the service.
  destination.on('error', () => {});
  const logger = pino(
    {
      level: level in pino.levels.values || level === 'silent' ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: depths.flatMap((depth) => secrets.map((name) => `${depth}${name}`)),
    },
    destination,
  );
  return { logger, flush: () => destination.flushSync() };
}
