import { Command } from './commander.ts';
import type { Named } from './call.ts';
import type { DoctorOptions } from './doctor.ts';
import type { BackupOptions } from './backup.ts';
import type { MoveOptions } from './move.ts';

/** Commands that work on the files of a data directory, whether a service runs on it or not. */

const onFiles = (name: string): Command =>
  new Command(name)
    .option('--data <directory>', 'the data directory (default: see troupe --help)')
    .option('--json', 'print one JSON object');

export const backupCommands: readonly Named[] = [
  {
    name: 'backup',
    make: () =>
      onFiles('backup')
        .description('Copies the data into a new directory, also while the service runs, and reads the copy whole.')
        .argument('<directory>', 'where to; it must not be there, or be empty')
        .addHelpText('after', '\nThe copy holds what the data directory holds, its tokens too.')
        .action(async (directory: string, options: BackupOptions) => (await import('./backup.ts')).backup(directory, options)),
  },
  {
    name: 'restore',
    make: () =>
      onFiles('restore')
        .description('Makes a data directory of a backup, as the beginning of a new log: clients list again.')
        .argument('<directory>', 'the backup')
        .addHelpText('after', '\nThe data directory must not be there, or be empty. Name it with --data.')
        .action(async (directory: string, options: BackupOptions) => (await import('./backup.ts')).restore(directory, options)),
  },
  {
    name: 'doctor',
    make: () =>
      onFiles('doctor')
        .description('Examines the data directory and what the service needs; ends with 1 when something is wrong.')
        .option('--salvage <directory>', 'recover what can be into a new directory; the damaged one stays as it is')
        .action(async (options: DoctorOptions) => {
          process.exitCode = await (await import('./doctor.ts')).doctor(options);
        }),
  },
  {
    name: 'move',
    make: () =>
      new Command('move')
        .description('Copies a stopped store between a data directory and a PostgreSQL, and compares; the original stays.')
        .requiredOption('--from <place>', 'a data directory, or postgres://user@host/database?schema=troupe')
        .requiredOption('--to <place>', 'the other kind; nothing may be in it')
        .option('--json', 'print one JSON object')
        .action(async (options: MoveOptions) => (await import('./move.ts')).move(options)),
  },
];
