/** The views that are not the first, in one file: so they share what is alike in them, and compress to a third less. */
import Graph from './graph/GraphView.svelte';
import List from './list/ListView.svelte';
import Live from './live/LiveTail.svelte';
import Machines from './state-machines/MachinesView.svelte';
import Messages from './messages/MessagesView.svelte';
import Task from './task/TaskView.svelte';

export { Graph as graph, List as list, Live as live, Machines as machines, Messages as messages, Task as task };
