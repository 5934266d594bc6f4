import { Command, Option } from './commander.ts';
import type { Asked, Link } from '../client/link.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { MethodName, Output } from '../protocol/methods.ts';
import { mutations } from '../protocol/mutations.ts';
import { parseCount } from './arguments.ts';
import type { Exit } from './exit-codes.ts';
import { perform } from './perform.ts';
import type { Printing } from './printing.ts';

/** A command that is one method call: its row says how it is called, what goes into the method, and how the answer is printed. */
export interface Call<M extends MethodName, O> {
  readonly method: M;
  /** The name, then the arguments. The first one of a command that is about a task is `<task>`, about a session `<session>`. */
  readonly usage: string;
  readonly description: string;
  readonly options?: () => readonly Option[];
  readonly help?: string;
  /** `task` and `session` are empty for a command that is about none. */
  readonly params: (given: Given, options: O) => Asked<M> | Promise<Asked<M>>;
  /** Answers the exit code if it is not 0. */
  readonly print: (printing: Printing, output: Output<M>) => Exit | void;
}

export interface Given {
  readonly task: TaskId;
  readonly session: SessionId;
  /** Without the task or session. */
  readonly rest: readonly string[];
  readonly link: Pick<Link, 'call'>;
}

/** Of every command that asks the service. */
export interface CommonOptions {
  readonly data?: string;
  readonly url?: string;
  readonly json?: true;
  readonly worker?: string;
  readonly commandId?: string;
}

/** Options that the commands share, made anew for each. */
export const addCommon = (command: Command): Command => addPlace(command.option('--json', 'print one JSON object'));

/** Which service is asked. */
export function addPlace(command: Command): Command {
  return command
    .option('--data <directory>', 'the data directory (default: see troupe --help)')
    .option('--url <url>', 'the address of a service, with its token in TROUPE_TOKEN (default: TROUPE_URL, else the data directory)');
}

export const addWorker = (command: Command): Command =>
  command.option('--worker <name>', 'who does it, and holds the lease (default: TROUPE_WORKER, else named after the user)');

export const option = (flags: string, description: string): Option => new Option(flags, description);
export const count = (flags: string, description: string): Option => new Option(flags, description).argParser(parseCount);

/** Given several times, or once with commas. */
export const several = (flags: string, description: string): Option =>
  new Option(flags, `${description}; several with commas`).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    ...value.split(',').map((part) => part.trim()),
  ]);

/** Given several times; each whole, commas and all. */
export const repeated = (flags: string, description: string): Option =>
  new Option(flags, `${description}; can be given several times`).argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);

/** A command by its name; made when it is wanted, since all of them together take longer than one of them does. */
export interface Named {
  readonly name: string;
  readonly make: () => Command;
}

export const callCommand = <M extends MethodName, O>(call: Call<M, O>): Named => ({
  name: call.usage.split(' ')[0] ?? '',
  make: () => commandOf(call),
});

function commandOf<M extends MethodName, O>(call: Call<M, O>): Command {
  const { method, usage, description, options = () => [], help } = call;
  const [name = '', ...args] = usage.split(' ');
  const command = addCommon(new Command(name).description(description));
  for (const argument of args) command.argument(argument);
  for (const one of options()) command.addOption(one);
  const writes = Object.hasOwn(mutations, method);
  if (writes) addWorker(command).option('--command-id <id>', 'makes it safe to say the same again');
  if (help !== undefined) command.addHelpText('after', `\n${help}`);
  return command.action(async () => {
    const makes = writes && args[0] !== '<task>' && args[0] !== '<session>';
    process.exitCode = await perform(call, { makes, about: args[0], args: command.args, options: command.opts() });
  });
}

/** Commands below one name, as `troupe session list`. */
export const groupOf = (name: string, description: string, calls: () => readonly Named[]): Named => ({
  name,
  make() {
    const command = new Command(name).description(description);
    for (const { make } of calls()) command.addCommand(make());
    return command;
  },
});
