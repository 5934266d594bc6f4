import type { Asked } from '../client/link.ts';
import { textIn, textOf } from './arguments.ts';
import { callCommand, count, groupOf, option, several } from './call.ts';
import type { Named } from './call.ts';

/** Commands about sessions. */

type Listed = Asked<'session.list'>;

interface CreateOptions {
  readonly project?: string;
  readonly workingDirectory?: string;
}

export const sessionCommand: Named = groupOf(
  'session',
  'Makes, lists and changes sessions: named pieces of work that own their plans.',
  () => [
    callCommand({
      method: 'session.create',
      usage: 'create <title>',
      description: 'Makes a session and prints its id, for plan --session and create --session.',
      options: () => [
        option('--project <name>', 'the project that it belongs to'),
        option('--working-directory <path>', 'where it is worked: a label, never opened'),
      ],
      params: ({ rest }, { project, workingDirectory }: CreateOptions) => ({ title: textOf(rest), project, workingDirectory }),
      print: (printing, { session }) => printing.made(session),
    }),
    callCommand({
      method: 'session.list',
      usage: 'list',
      description: 'Lists sessions, newest first.',
      options: () => [
        several('--status <status>', 'active, paused, completed or archived'),
        option('--project <name>', 'of this project'),
        count('--limit <number>', 'at most so many (default 100)'),
        option('--cursor <cursor>', 'go on where a page before ended'),
      ],
      params: (_given, { status, project, limit, cursor }: Listed) => ({ status, project, limit, cursor }),
      print: (printing, page) => printing.sessions(page),
    }),
    callCommand({
      method: 'session.get',
      usage: 'show <session>',
      description: 'Shows one session, and how its tasks stand.',
      params: ({ session }) => ({ sessionId: session }),
      print: (printing, { session }) => printing.session(session),
    }),
    callCommand({
      method: 'session.pause',
      usage: 'pause <session> [reason...]',
      description: 'Takes its tasks out of ready, next and claim; what runs goes on.',
      params: ({ session, rest }) => ({ sessionId: session, reason: textIn(rest) }),
      print: (printing, { session }) => printing.sessions({ items: [session], nextCursor: null }),
    }),
    callCommand({
      method: 'session.resume',
      usage: 'resume <session>',
      description: 'Brings its tasks back, or opens a completed session again.',
      params: ({ session }) => ({ sessionId: session }),
      print: (printing, { session }) => printing.sessions({ items: [session], nextCursor: null }),
    }),
    callCommand({
      method: 'session.complete',
      usage: 'complete <session> [summary...]',
      description: 'Ends a session that has no open task.',
      params: ({ session, rest }) => ({ sessionId: session, summary: textIn(rest) }),
      print: (printing, { session }) => printing.sessions({ items: [session], nextCursor: null }),
    }),
  ],
);
