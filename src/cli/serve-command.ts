import { Command, Option } from './commander.ts';
import { collect, collectOrigin, parsePort, parseSpan } from './arguments.ts';
import type { ServeOptions } from './serve.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('Runs the service over a data directory, which is made when it is not there.')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <port>', '0 for any free one', parsePort, 7420)
    .option('--data <directory>', 'where everything is kept (default: see troupe --help)')
    .option('--store <url>', 'a PostgreSQL that several services share: postgres://user@host/database (default: TROUPE_STORE)')
    .option('--json', 'tell the addresses as one line of JSON')
    .option('--allow-host <host>', 'a further Host header to accept; can be given several times', collect, [])
    .option('--allow-origin <origin>', 'a further Origin to accept; can be given several times', collectOrigin, [])
    .option('--tls-cert <file>', 'certificate in PEM')
    .option('--tls-key <file>', 'its key in PEM')
    .addOption(new Option('--insecure', 'listen without TLS where others can reach it').conflicts(['tlsCert', 'tlsKey']))
    .option('--idle-exit <time>', 'stop after so long without a client: 30s, 10m, 1h', parseSpan)
    .addHelpText(
      'after',
      '\nThe first token is in <data>/token. Logs go to standard error; TROUPE_LOG sets their level (debug, info, warn, error, silent).',
    )
    .action(async (options: ServeOptions) => {
      // On its own: Node opens all files of an import at once, and with a low `ulimit -n` not all of these can be.
      await import('zod');
      const { serve } = await import('./serve.ts');
      await serve(options);
    });
}
