import { expect, it } from 'vitest';
import { createLeaseIndex } from '../../src/persistence/resident/lease-index.ts';
import { leaseId, taskId } from '../support/records.ts';

it('remembers at least the newest leases, and not many more', () => {
  const leases = createLeaseIndex(10);
  for (let n = 0; n < 100; n++) {
    leases.add(leaseId(n), taskId(n));
    for (let newest = Math.max(0, n - 9); newest <= n; newest++) expect(leases.get(leaseId(newest))).toBe(taskId(newest));
  }
  expect(leases.get(leaseId(79))).toBeNull();
});
