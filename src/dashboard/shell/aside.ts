/** What the first view needs only at times, in one file. */
export { default as Question } from '../board/Question.svelte';
export { default as Entry } from './Entry.svelte';
export { default as Help } from './Help.svelte';
export { default as Notices } from './Notices.svelte';
export { default as Refusal } from './Refusal.svelte';
export { default as Trouble } from './Trouble.svelte';
