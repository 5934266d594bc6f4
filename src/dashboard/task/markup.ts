/** What Markdown becomes: elements of a closed set, so that whatever somebody wrote, nothing else can come out of it. */
export interface Markup {
  readonly tag:
    | 'p'
    | 'h4'
    | 'h5'
    | 'h6'
    | 'ul'
    | 'ol'
    | 'li'
    | 'blockquote'
    | 'pre'
    | 'hr'
    | 'table'
    | 'tr'
    | 'th'
    | 'td'
    | 'em'
    | 'strong'
    | 'del'
    | 'code'
    | 'a'
    | 'br';
  readonly content: readonly MarkupNode[];
  /** Of links: always http, https or mailto. */
  readonly href?: string;
  readonly align?: string;
  /** Of numbered lists. */
  readonly start?: number;
}

export type MarkupNode = string | Markup;

/** The text alone. */
export const plainText = (nodes: readonly MarkupNode[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : plainText(node.content))).join('');
