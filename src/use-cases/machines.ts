import { TroupeError } from '../errors.ts';
import { diagramOf, machineDescriptions } from '../machines/diagram.ts';
import type { Handler } from './services.ts';

export const listMachines: Handler<'machine.list'> = async () => ({
  items: [...machineDescriptions.values()].map(({ id, version, initial, states, events }) => ({ id, version, initial, states, events })),
});

export const getMachine: Handler<'machine.get'> = async (_services, { id }) => {
  const [machine, svg, xstate] = [machineDescriptions.get(id), diagramOf(id, 'svg'), diagramOf(id, 'xstate')];
  if (machine === undefined || svg === undefined || xstate === undefined)
    throw new TroupeError('MACHINE_NOT_FOUND', `there is no machine ${id}`, { nearby: [...machineDescriptions.keys()] });
  return { machine: { ...machine, svg, xstate } };
};
