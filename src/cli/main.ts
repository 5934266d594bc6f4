#!/usr/bin/env -S node --max-semi-space-size=32
import { Command, CommanderError } from 'commander';
import { version } from '../version.ts';
import { diagramCommand } from './diagram-command.ts';
import { exportCommand } from './export-command.ts';
import { reportFailure } from './failure.ts';
import { importCommand } from './import-command.ts';
import { inspectCommand } from './inspect-command.ts';
import { mcpCommand } from './mcp-command.ts';
import { serveCommand } from './serve-command.ts';
import { tokenCommand } from './token-command.ts';

/** The command line. Exit codes: 0 done, 1 failed, 2 wrongly called, 5 the data directory belongs to another process. */

const usage = 2;

const program = new Command('troupe')
  .description('A task orchestrator on the actor model.')
  .version(version)
  .addHelpText(
    'after',
    '\nThe data directory is the one of --data, else of TROUPE_DATA, else the nearest .troupe upwards, else .troupe in the root of the git ' +
      "repository, else the user's data folder.",
  )
  .addCommand(serveCommand())
  .addCommand(mcpCommand())
  .addCommand(tokenCommand())
  .addCommand(diagramCommand())
  .addCommand(inspectCommand())
  .addCommand(importCommand())
  .addCommand(exportCommand());

for (const command of [program, ...program.commands, ...program.commands.flatMap((parent) => parent.commands)]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  // Help and version end this way too, with 0; what was wrong with a call has been told by then.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : usage;
  else process.exitCode = reportFailure(error);
}
