import type { MethodName } from '../protocol/methods.ts';
import type { TaskId } from '../ids.ts';
import type { Call, CommonOptions } from './call.ts';
import { connect } from './connect.ts';
import { exits } from './exit-codes.ts';
import type { Exit } from './exit-codes.ts';
import { printJson } from './output.ts';
import { Printing } from './printing.ts';
import { resolveTask } from './task-id.ts';

interface Performed<O> {
  /** Whether the data directory may be made. */
  readonly makes: boolean;
  readonly isOfTask: boolean;
  readonly args: readonly string[];
  readonly options: O & CommonOptions;
}

/** Makes the one call of a command and prints what is answered. */
export async function perform<M extends MethodName, O>(call: Call<M, O>, { makes, isOfTask, args, options }: Performed<O>): Promise<Exit> {
  const link = connect(options, { makes });
  try {
    const [first = '', ...others] = args;
    const task: TaskId = isOfTask ? await resolveTask(link, first) : 't_';
    const resolve = (given: string) => resolveTask(link, given);
    const params = await call.params({ task, rest: isOfTask ? others : args, resolve }, options);
    const { commandId } = options;
    const output = await link.call(call.method, commandId === undefined ? params : { ...params, commandId });
    const printing = new Printing(options.json === true);
    if (options.json === true) printJson({ ...output });
    return call.print(printing, output) ?? exits.ok;
  } finally {
    await link.close();
  }
}
