import { and, not, setup } from 'xstate';

/** A small machine with states in states, delays, and names that no picture may take for markup. */
export const nestedMachine = setup({
  guards: { isWhole: () => true, isLate: () => true },
  actions: { begin: () => {}, count: (_, _params: { readonly by: number }) => {}, end: () => {} },
  delays: { pause: 10 },
}).createMachine({
  id: 'nested',
  initial: 'idle',
  on: { 'a "fact" <b>&</b>': { actions: 'begin' } },
  states: {
    idle: { description: 'Nothing to do', tags: ['quiet', 'first'], on: { GO: 'working' } },
    working: {
      initial: 'second',
      entry: 'begin',
      exit: [{ type: 'count', params: { by: 2 } }],
      states: {
        first: { on: { STEP: [{ guard: and(['isWhole', not('isLate')]), target: 'done' }, { actions: 'begin' }] } },
        second: { after: { pause: 'first' }, on: { STEP: { target: 'first', reenter: true } } },
        done: { type: 'final' },
      },
      onDone: 'finished',
      on: { STOP: { target: 'idle', actions: ['end', { type: 'count', params: { by: 1 } }] }, SKIP: '.done' },
    },
    finished: { always: { guard: 'isLate', target: 'idle' }, on: { AGAIN: 'working.second' } },
  },
});
