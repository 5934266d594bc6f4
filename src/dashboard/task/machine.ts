import type { Output } from '../../protocol/methods.ts';
import type { Call } from './form.ts';

/** As older services answer it, without a picture. */
type Machine = Omit<Output<'machine.get'>['machine'], 'svg'> & { readonly svg?: unknown };

let known: Promise<Machine> | null = null;

/** The task's machine. It is the same for every task, so it is read once. */
export function machineOf(call: Call): Promise<Machine> {
  known ??= call('machine.get', { id: 'task' }).then(
    ({ machine }) => machine,
    (error: unknown) => {
      known = null;
      throw error;
    },
  );
  return known;
}
