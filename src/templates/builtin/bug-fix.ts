export const bugFix = String.raw`// A fault is understood before it is mended, and stays mended.
{
  metadata: {
    name: "Fix: {{summary}}",
    version: "1.0.0",
    description: "Find the cause of a fault in {{component}}, mend it there, and keep it from coming back. Reported: {{report}}",
    category: "development",
    tags: ["bug"],
    complexity: "moderate",
    estimated_duration: "1 day",
  },
  parameters: {
    summary: { type: "string", description: "The fault in one line", min_length: 5, max_length: 150 },
    component: { type: "string", description: "Where it shows", min_length: 1, max_length: 100 },
    report: { type: "string", description: "What was done, what happened, what should have happened", min_length: 10, max_length: 4000 },
    severity: { type: "string", description: "How much it hurts", enum: ["low", "normal", "high", "critical"], default: "normal" },
  },
  tasks: {
    reproduce: {
      title: "Reproduce: {{summary}}",
      description: "Make the fault happen on demand with as little as possible, and write it as a test that fails. Severity {{severity}}. If it can't be reproduced, say what was tried and ask for what is missing.",
      type: "testing",
      specialist_type: "tester",
      estimated_effort: "2 hours",
      checklist: ["A test fails because of the fault, and for no other reason"],
    },
    find_cause: {
      title: "Find the cause in {{component}}",
      description: "Follow the wrong value back to the place where it becomes wrong. Say since when it is so and what else goes through the same place.",
      type: "research",
      specialist_type: "debugger",
      estimated_effort: "3 hours",
      dependencies: ["reproduce"],
      checklist: ["The cause explains everything that was reported", "Other places with the same mistake are listed"],
    },
    mend: {
      title: "Mend the cause",
      description: "Mend it where it arises, not where it shows. Nothing else changes with it.",
      type: "implementation",
      specialist_type: "coder",
      estimated_effort: "3 hours",
      dependencies: ["find_cause"],
      checklist: ["The test that failed passes", "The whole suite passes", "The other places are mended, or have a task of their own"],
      review: "reviewer",
    },
    tell: {
      title: "Tell those who were affected",
      description: "Write the entry for the change log and the answer to whoever reported it: what was wrong, since when, from which version on it is right, and what to do until then.",
      type: "documentation",
      specialist_type: "documenter",
      complexity: "simple",
      estimated_effort: "30 minutes",
      dependencies: ["mend"],
    },
  },
}
`;
