import { TroupeError } from '../errors.ts';
import { idPatterns } from '../ids.ts';
import type { SessionId } from '../ids.ts';

const isSessionId = (text: string): text is SessionId => idPatterns.s.test(text);

export function sessionIdOf(text: string): SessionId {
  if (isSessionId(text)) return text;
  throw new TroupeError('INVALID_PARAMS', `${text} is no id of a session`, { fix: 'see troupe session list' });
}
