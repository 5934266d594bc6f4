import type { roleLimits } from '../../src/config/roles.ts';
import type { defaults } from '../../src/protocol/defaults.ts';
import type { limits } from '../../src/protocol/values.ts';
import type { templateLimits } from '../../src/templates/limits.ts';
import type { defaultTimeouts } from '../../src/transport/listen.ts';
import type { Limits } from '../../src/transport/ws/limits.ts';

/** What the numbers of the code mean. The compiler holds each table to be complete. */

type Words<T> = Readonly<Record<keyof T, string>>;

export const boundWords: Words<typeof limits> = {
  titleLength: 'characters of a title',
  descriptionBytes: 'a description',
  contextBytes: 'the context of a task or session, as JSON',
  summaryBytes: 'a summary of work',
  textBytes: 'a note, a question, a reason, feedback',
  tags: 'tags of a task',
  acceptance: 'acceptance criteria of a task',
  notes: 'notes of a task',
  artifacts: 'artifacts of a task',
  filePaths: 'file paths in one completion',
  workingDirectoryLength: 'characters of the working directory of a session',
  treeTasks: 'tasks in a tree',
  treeDepth: 'levels of a tree',
  dependencies: 'tasks that a task waits for',
  dependents: 'tasks that wait for a task',
  jsonDepth: 'levels of a message',
  pageItems: 'items in a page of a list',
  filterIds: 'ids in a filter',
};

export const connectionWords: Words<Limits> = {
  maxMessageBytes: 'a message; larger work is uploaded',
  maxFragments: 'fragments of a message',
  maxBufferedChunks: 'chunks of a message that wait',
  maxConnections: 'connections; fewer with a low `ulimit -n`',
  maxInFlight: 'requests of a connection that wait for their answers',
  maxInFlightOfAll: 'requests of all connections that wait',
  fairInFlight: 'requests that every connection may have waiting even so',
  maxSubscriptions: 'subscriptions of a connection',
  maxInspectors: 'inspectors at `/inspect`',
  ticketMs: 'how long a ticket for an inspector is good',
  requestsPerSecond: 'requests of a connection in a second',
  requestBurst: 'requests of a connection at once',
  maxRefusals: 'requests refused in a row before the connection is closed',
  helloMs: 'time for the hello',
  heartbeatMs: 'between pings; who answers neither of two is dropped',
  highWaterBytes: 'what waits in a socket before nothing more is sent or read',
  drainMs: 'time for a socket to drain',
  finishMs: 'time for requests in flight when the service stops',
  closeMs: 'time to answer a close',
};

export const serviceWords: Words<typeof defaults> & { readonly checkpointBytes: string } = {
  windowEvents: 'events that can be replayed at least',
  graceMs: 'after a start, before leases end',
  uploads: 'uploads under way',
  uploadBytes: 'an upload; the work that a completion carries as one text (`--work`) has at most 8 MiB',
  uploadsBytes: 'all uploads under way together',
  uploadMs: 'how long an upload may take, and then waits for a task',
  checkpointBytes: 'the journal, before it is replaced by a checkpoint; larger when the last checkpoint was',
};

export const httpWords: Words<typeof defaultTimeouts> = {
  headersTimeout: 'time for the headers of a request',
  requestTimeout: 'time for a whole request',
  keepAliveTimeout: 'between requests of one connection',
  connectionsCheckingInterval: 'how often the first two are looked at',
};

export const roleWords: Words<typeof roleLimits> = { fileBytes: 'a file in `roles/`', files: 'files in `roles/`' };

export const templateWords: Words<typeof templateLimits> = {
  bytes: 'a template',
  depth: 'levels of objects and lists in it',
  filesPerCategory: 'templates in `user/`, and in `shared/`',
  inheritance: 'templates that extend each other',
  parameterBytes: 'a parameter',
  substituted: 'characters that all placeholders together put in',
  patternLength: 'characters of a pattern',
  patternStates: 'states of a pattern',
  matchedLength: 'characters of a value that is held against a pattern',
};

/** Words in capitals stand for what differs. */
export const filesOfData = {
  'db.json': 'The last checkpoint: every task and session as it was then.',
  'journal.N.jsonl': 'What happened since, a line for each commit, with checksums.',
  'artifacts/N.pack': 'Small artifacts, many in a file.',
  'artifacts/XX/SHA256': 'Larger ones, each named after its hash.',
  'archive/ROOT.json': 'Archived trees.',
  'uploads/ID': 'Uploads that no task has claimed yet.',
  'quarantine/NAME': 'What could not be read, as it was found, and why.',
  token: 'The first token, which commands on this machine use. Only its owner may read it.',
  'tokens.json': 'Who may do what: names, scopes, projects and hashes of tokens.',
  'roles/NAME.yaml': 'Specialists of your own. Yours to write.',
  'templates/user/ID.json5': 'Templates of your own. Yours to write.',
  'templates/shared/ID.json5': 'Templates that the project shares. Yours to write.',
  lock: 'Held by the process that owns the directory.',
  'owner.json': 'Which process that is, and where it listens.',
  'serve.log': 'The log of services that were started by a command.',
  'serve.log.old': 'What was in it before it became too long.',
  'serve.starting': 'A start is under way.',
  '.gitignore': 'Leaves to git only what is yours to write.',
};
