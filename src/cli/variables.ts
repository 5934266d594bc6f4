/** What the environment can say. An option on the command line comes first. */
export const variables = {
  TROUPE_DATA: 'The data directory, for every command.',
  TROUPE_URL:
    'The address of a service to ask, such as `http://127.0.0.1:7420`, instead of the one that owns a data directory. What works on a directory itself (`serve`, `mcp`, `token`, `backup`, `restore`, `doctor`, `move`) does not look at it.',
  TROUPE_TOKEN: 'The token to show. TROUPE_URL needs it; without TROUPE_URL it replaces the one in the data directory.',
  TROUPE_WORKER: 'Who holds the leases. By default `mcp` and `work` have a name of their own, other commands one after the user.',
  TROUPE_STORE: 'What `serve --store` says, for an address with a password in it: other users of the machine see the command line.',
  TROUPE_LOG:
    'What is logged on standard error: `debug`, `info`, `warn`, `error` or `silent`. By default `serve` logs `info`; `mcp`, and a service that a command started, `warn`.',
  NO_COLOR: 'No colours, when it has any value ([no-color.org](https://no-color.org)).',
  TERM: 'No colours, when it is `dumb`.',
  XDG_DATA_HOME: "The folder of the user's own data directory, `troupe` in it. Not on Windows.",
  LOCALAPPDATA: 'The same on Windows.',
  TROUPE_CHECKPOINT_BYTES: 'For tests: another size of the journal at which a checkpoint is written.',
  TROUPE_FAIL_POINT: 'For tests: `step:count` kills the service when it passes that step for the count-th time.',
} as const;

/** What the command of `work --exec` finds in its environment. */
export const taskVariables = {
  TROUPE_TASK_ID: 'The id of the task.',
  TROUPE_TASK_TITLE: 'Its title.',
  TROUPE_LEASE_ID: 'The lease that it is executed under.',
} as const;

/** The value of a variable. One that is empty is not there. */
export function variable(
  name: keyof typeof variables,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}
