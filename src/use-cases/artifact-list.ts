import { awaitPosition, readTask } from './access.ts';
import type { Handler } from './services.ts';

export const listArtifacts: Handler<'artifact.list'> = async (services, input, caller) => {
  await awaitPosition(services, input, caller);
  const { snapshot } = await readTask(services, input.taskId, caller);
  return { items: [...snapshot.context.artifacts] };
};
