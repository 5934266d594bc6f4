import { Distribution, sizeBounds, timeBounds } from '../../distribution.ts';
import type { JournalFigures, StoreFigures } from '../store.ts';

/** What is measured as it happens. */
export type Measures = Pick<StoreFigures, 'commits' | 'batches'> & Pick<JournalFigures, 'checkpoints'> & { failedCheckpoints: number };

export const createMeasures = (): Measures => ({
  commits: new Distribution(timeBounds),
  batches: new Distribution(sizeBounds),
  checkpoints: new Distribution(timeBounds),
  failedCheckpoints: 0,
});
