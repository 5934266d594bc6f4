/** How a diagram looks: colours as variables, so that a page can give its own. */

const light = `--ink: #1f2328; --soft: #59636e; --line: #8b949e; --ground: #ffffff; --box: #f6f8fa; --box-line: #afb8c1; --accent: #0550ae; --glow: #ddf4ff;`;
const dark = `--ink: #e6edf3; --soft: #9198a1; --line: #6e7681; --ground: #0d1117; --box: #161b22; --box-line: #444c56; --accent: #79c0ff; --glow: #0c2d6b;`;

/** The colours for light and dark and the rules that use them. */
export const diagramColours = `.diagram { ${light} }
@media (prefers-color-scheme: dark) { .diagram { ${dark} } }`;

export const diagramRules = `.diagram { background: var(--ground); font-family: ui-sans-serif, system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
.diagram .edge-line { fill: none; stroke: var(--line); stroke-width: 1.2; }
.diagram .edge-head { fill: var(--line); stroke: none; }
.diagram .start-dot { fill: var(--ink); }
.diagram .label-box { fill: var(--ground); }
.diagram .event { fill: var(--soft); font-family: ui-monospace, "SFMono-Regular", Consolas, "Liberation Mono", Menlo, monospace; font-size: 10.5px; }
.diagram .edge .event { fill: var(--ink); }
.diagram .gap { fill: none; }
.diagram .state-box { fill: var(--box); stroke: var(--box-line); stroke-width: 1.2; }
.diagram .state-name { fill: var(--ink); font-size: 14px; font-weight: 600; }
.diagram .facts-box { fill: none; stroke: var(--box-line); stroke-dasharray: 3 3; }
.diagram .facts-title { fill: var(--soft); font-size: 11px; }
.diagram .state.lit > .state-box { fill: var(--glow); stroke: var(--accent); stroke-width: 2.5; }
.diagram .edge.lit .edge-line { stroke: var(--accent); stroke-width: 2; }
.diagram .edge.lit .edge-head { fill: var(--accent); }
.diagram .event.lit { fill: var(--accent); font-weight: 700; }`;
