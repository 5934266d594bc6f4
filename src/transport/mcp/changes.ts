import type { TaskEvent } from '../../protocol/event.ts';
import { uris } from './links.ts';

/** What an event is told from; a client of the service has it as well as the service itself. */
export type Change = Pick<TaskEvent, 'taskId' | 'rootId'>;

/**
 * Calls for every event from now on that the caller may see; answers the function that ends it. `onState` hears when that has begun, and
 * when there will be no more.
 */
export type FollowChanges = (listener: (change: Change) => void, onState?: (isLive: boolean) => void) => () => void;

/** The resources that read otherwise after an event. */
export const changedUris = ({ taskId, rootId }: Change): readonly string[] => [uris.task(taskId), uris.context(taskId), uris.plan(rootId)];
