import { TroupeError } from '../errors.ts';
import { diagramOf, machineDescriptions } from '../machines/diagram.ts';
import type { DiagramFormat } from '../machines/diagram.ts';

export interface DiagramOptions {
  readonly format: DiagramFormat;
}

export function diagram(machine: string, { format }: DiagramOptions): void {
  const text = diagramOf(machine, format, { standalone: true });
  if (text === undefined)
    throw new TroupeError('MACHINE_NOT_FOUND', `there is no machine ${machine}`, {
      fix: `name one of these: ${[...machineDescriptions.keys()].join(', ')}`,
    });
  process.stdout.write(text);
}
