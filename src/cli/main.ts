#!/usr/bin/env node
import { endWithReader } from './output.ts';
import { run } from './run.ts';

endWithReader();
await run(process.argv);
