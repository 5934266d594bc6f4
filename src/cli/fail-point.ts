import { TroupeError } from '../errors.ts';

/** For crash tests: `step:count` ends this process with SIGKILL when the step is passed for the count-th time. */
export function readFailPoint(text: string | undefined): ((step: string) => void) | undefined {
  if (text === undefined) return undefined;
  const [, wanted, count] = /^([a-z-]+):([1-9]\d*)$/.exec(text) ?? [];
  if (wanted === undefined || count === undefined) {
    throw new TroupeError('INVALID_PARAMS', `TROUPE_FAIL_POINT is ${text}`, { fix: 'write step:count' });
  }
  let left = Number(count);
  return (step) => {
    if (step !== wanted) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** For crash tests: checkpoints from this size of the journal on, instead of 32 MiB. */
export function readCheckpointBytes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new TroupeError('INVALID_PARAMS', `TROUPE_CHECKPOINT_BYTES is ${text}`, { fix: 'write a number' });
  return Number(text);
}
