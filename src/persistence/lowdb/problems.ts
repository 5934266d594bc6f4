/** What is wrong, in lines for a person. */
export interface Problems {
  readonly lines: readonly string[];
  /** Something that happened and stays true until the service is started again. */
  report(line: string): void;
  /** Something that may pass; a new line under the same name takes the place of the old one. */
  raise(name: string, line: string): void;
  settle(name: string): void;
}

export function createProblems(onProblem: (line: string) => void = () => {}): Problems {
  const reported: string[] = [];
  const raised = new Map<string, string>();
  return {
    get lines() {
      return [...raised.values(), ...reported];
    },
    report(line) {
      reported.push(line);
      onProblem(line);
    },
    raise(name, line) {
      if (raised.get(name) !== line) onProblem(line);
      raised.set(name, line);
    },
    settle(name) {
      raised.delete(name);
    },
  };
}
