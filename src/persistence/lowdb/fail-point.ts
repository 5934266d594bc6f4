/** Places at which a test can stop or kill the service, in the order in which they are passed. */
export type FailStep =
  | 'written'
  | 'synced'
  | 'rotated'
  | 'artifacts-synced'
  | 'archive-written'
  | 'checkpoint-written'
  | 'checkpoint-synced'
  | 'renamed'
  | 'directory-synced'
  | 'removed';

/** Called right after each step; what it throws counts as a failure of the step. */
export type FailPoint = (step: FailStep) => void | Promise<void>;
