/** Where a machine's states, arrows and labels are drawn. Made at build time (tools/diagrams); only read at run time. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export interface PlacedState extends Box {
  /** The path below the root, with dots: of a flat machine the state's key. */
  readonly id: string;
  readonly name: string;
  /** Events that it takes and stays, in lines. */
  readonly stays: readonly (readonly string[])[];
  readonly children: readonly PlacedState[];
}

/** All events that lead from one state to another. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly Point[];
  readonly label: Box;
  readonly events: readonly string[];
}

/** Where a machine, or a state with states in it, begins. */
export interface PlacedStart {
  readonly state: string;
  readonly dot: Point;
  readonly points: readonly Point[];
}

/** Events that the machine takes in every state, where no state says otherwise. */
export interface PlacedFacts extends Box {
  readonly lines: readonly (readonly string[])[];
}

export interface Layout {
  readonly machine: string;
  readonly width: number;
  readonly height: number;
  readonly states: readonly PlacedState[];
  readonly edges: readonly PlacedEdge[];
  readonly starts: readonly PlacedStart[];
  readonly facts: PlacedFacts | null;
}

/** The name of an arrow. */
export const edgeId = ({ from, to }: { readonly from: string; readonly to: string }): string => `${from}->${to}`;

/** What the boxes were measured with and what is written into them must be the same. */
export const metrics = {
  nameSize: 14,
  nameChar: 9.2,
  nameLine: 18,
  eventSize: 10.5,
  eventChar: 6.4,
  eventLine: 14,
  /** Between two events of a line, in characters. */
  gap: 2,
  padding: 8,
  labelPadding: 4,
  dot: 5,
} as const;
