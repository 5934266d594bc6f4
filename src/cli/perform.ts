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
  readonly writes: boolean;
  readonly isOfTask: boolean;
  readonly args: readonly string[];
  readonly options: O & CommonOptions;
}

/** Makes the one call of a command and prints what is answered. */
export async function perform<M extends MethodName, O>(call: Call<M, O>, { writes, isOfTask, args, options }: Performed<O>): Promise<Exit> {
  const link = connect(options, { makes: writes && !isOfTask });
  try {
    const [first = '', ...others] = args;
    const task: TaskId = isOfTask ? await resolveTask(link, first) : 't_';
    const params = await call.params({ task, rest: isOfTask ? others : args }, options);
    const { commandId } = options;
    const output = await link.call(call.method, commandId === undefined ? params : { ...params, commandId });
    const printing = new Printing(options.json === true);
    if (options.json === true) printJson({ ...output });
    return call.print(printing, output) ?? exits.ok;
  } finally {
    await link.close();
  }
}
