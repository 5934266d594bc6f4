import type * as Commander from 'commander';
import { createRequire } from 'node:module';

/** Required, not imported: what an import does to find the names that such a package exports takes longer than to load it. */
const commander: typeof Commander = createRequire(import.meta.url)('commander');

export const { Argument, Command, CommanderError, InvalidArgumentError, Option } = commander;
export type Command = Commander.Command;
export type Option = Commander.Option;
