import { createActor } from 'xstate';
import type { Actor } from 'xstate';
import type { TaskState } from '../machines/context.ts';
import type { MachineEvent, Message } from '../machines/events.ts';
import { taskMachine } from '../machines/task.ts';
import type { TaskRecord } from '../persistence/store.ts';
import { Resident } from './residents.ts';
import type { Residents } from './residents.ts';

type TaskActor = Actor<typeof taskMachine>;

export type TaskResidents = Residents<TaskRecord, TaskResident>;

/** A task in memory. */
export class TaskResident extends Resident<TaskRecord, MachineEvent, TaskActor> {
  #outbox: Message[] = [];

  /** Null: the event was refused and nothing changed. What the task tells others goes into the outbox. */
  send(state: TaskState, event: MachineEvent, outbox: Message[]): TaskState | null {
    this.#outbox = outbox;
    return this.take(state, event);
  }

  protected override stateOf(actor: TaskActor): TaskState {
    const { value, context } = actor.getSnapshot();
    return { value, context };
  }

  protected override activate({ value, context }: TaskState): TaskActor {
    const actor = createActor(taskMachine, { id: this.id, input: context, snapshot: taskMachine.resolveState({ value, context }) });
    actor.on('tell', ({ messages }) => {
      for (const message of messages) this.#outbox.push(message);
    });
    // Without an observer XState would throw a guard's error from a timer, out of everyone's reach.
    actor.subscribe({
      error: (error) => {
        this.fault = error;
      },
    });
    return actor.start();
  }
}
