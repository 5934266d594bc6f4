/** The bridge page: it opens an inspector when it is told to, and hands it what comes, as `createBrowserInspector` does. */

export interface PageOptions {
  /** Where the inspector is. */
  readonly inspector: string;
  /** What is shown, in words. */
  readonly shown: string;
  readonly context: boolean;
}

/** What a person must know before anything is sent. */
export function leaving({ inspector, shown, context }: PageOptions): readonly string[] {
  const content = context
    ? 'Contexts too (--context): descriptions, results, notes, questions, errors - everything that the tasks know.'
    : 'Not descriptions, results, notes or artifacts: those stay here unless you start this with --context.';
  return [
    'Nothing leaves this machine before you press the button on the page.',
    `Then the page opens ${inspector} in a window and gives that site, for ${shown}:`,
    'Titles, ids and the tree of tasks and sessions; their states; each event with its time and the name of who sent it; the state machines.',
    content,
    `What ${new URL(inspector).host} does with it is up to that site.`,
  ];
}

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

export function pageOf(options: PageOptions): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Troupe: inspection</title>
<link rel="stylesheet" href="bridge.css">
<script src="bridge.js" defer></script>
<body data-inspector="${escape(options.inspector)}">
<main>
<h1>Inspection <small>experimental</small></h1>
<h2>What leaves this machine</h2>
${leaving(options)
  .map((line) => `<p>${escape(line)}</p>`)
  .join('\n')}
<p><button id="open">Open the inspector and send this to it</button> <button id="stop" disabled>Stop</button></p>
<p role="status" id="status">Nothing has been sent.</p>
</main>
</body>
</html>
`;
}

export const style = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
small { font-size: 0.9rem; font-weight: normal; border: 1px solid; border-radius: 0.3rem; padding: 0 0.4rem; }
button { font: inherit; padding: 0.4rem 0.8rem; }
[role='status'] { font-variant-numeric: tabular-nums; }
`;

/** The inspector says that it is there with a message of its own, also when it was loaded again: then everything is told anew. */
export const script = `'use strict';
const { inspector } = document.body.dataset;
const { origin } = new URL(inspector);
const [open, stop, status] = ['open', 'stop', 'status'].map((id) => document.getElementById(id));
let target = null;
let frames = null;
let sent = 0;
const say = (text) => { status.textContent = text; };

function end(why) {
  frames?.close();
  frames = null;
  stop.disabled = true;
  say(why + ' ' + sent + ' frames were sent.');
}

function begin() {
  frames?.close();
  frames = new EventSource('frames');
  stop.disabled = false;
  frames.addEventListener('message', ({ data }) => {
    if (target.closed) return end('The inspector was closed.');
    target.postMessage(JSON.parse(data), origin);
    sent += 1;
    say('Sending to ' + origin + ': ' + sent + ' frames.');
  });
  frames.addEventListener('fault', ({ data }) => say(data));
  frames.addEventListener('error', () => { if (frames?.readyState === EventSource.CLOSED) end('The bridge has ended.'); });
}

open.addEventListener('click', () => {
  target = window.open(inspector, 'xstateinspector');
  say(target === null ? 'The browser blocked the window: allow it, and press again.' : 'Waiting for the inspector…');
});
stop.addEventListener('click', () => {
  target?.postMessage({ type: '@statelyai.disconnected' }, origin);
  end('Stopped.');
});
window.addEventListener('message', ({ source, origin: from, data }) => {
  if (target === null || source !== target || data?.type !== '@statelyai.connected') return;
  if (from === origin) begin();
  else say('Another site answered, ' + from + ': it is sent nothing.');
});
`;
