import type { MethodName } from '../protocol/methods.ts';
import type { SessionId, TaskId } from '../ids.ts';
import type { Call, CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { printJson } from './output.ts';
import { Printing } from './printing.ts';
import { resolveSession, resolveTask } from './task-id.ts';

interface Performed<O> {
  /** Whether the data directory may be made. */
  readonly makes: boolean;
  /** The first argument of the usage. */
  readonly about: string | undefined;
  readonly args: readonly string[];
  readonly options: O & CommonOptions;
}

/** Makes the one call of a command and prints what is answered. */
export async function perform<M extends MethodName, O>(call: Call<M, O>, { makes, about, args, options }: Performed<O>): Promise<Exit> {
  const link = connect(options, { makes });
  try {
    const [first = '', ...others] = args;
    const task: TaskId = about === '<task>' ? await resolveTask(link, first) : 't_';
    const session: SessionId = about === '<session>' ? await resolveSession(link, first) : 's_';
    const rest = about === '<task>' || about === '<session>' ? others : args;
    const params = await call.params({ task, session, rest, link }, options);
    const { commandId } = options;
    const output = await link.call(call.method, commandId === undefined ? params : { ...params, commandId });
    const printing = new Printing(options.json === true);
    if (options.json === true) printJson({ ...output });
    return call.print(printing, output) ?? exits.ok;
  } finally {
    await link.close();
  }
}
