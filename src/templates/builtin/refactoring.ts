export const refactoring = String.raw`// Changes how code is built and not what it does. Tests come first, since they are what says that nothing changed.
{
  metadata: {
    name: "Refactor {{target}}",
    version: "1.0.0",
    description: "Change the structure of {{target}} so that {{goal}}, without changing what it does.",
    category: "development",
    tags: ["refactoring"],
    complexity: "complex",
    estimated_duration: "2 to 3 days",
  },
  parameters: {
    target: { type: "string", description: "The code that changes: a module, a class, a layer", min_length: 1, max_length: 120 },
    goal: { type: "string", description: "What will be easier afterwards", min_length: 10, max_length: 500 },
    steps: { type: "number", description: "At most so many steps at a time, each of which could be shipped", default: 5, min_value: 1, max_value: 20 },
  },
  tasks: {
    pin_down: {
      title: "Pin down what {{target}} does today",
      description: "Add tests from the outside until every behaviour that somebody relies on is held, odd ones included. Measure what must not get slower.",
      type: "testing",
      specialist_type: "tester",
      estimated_effort: "half a day",
      checklist: ["Changing any branch of {{target}} makes a test fail", "Time and memory of the usual cases are written down"],
    },
    plan_steps: {
      title: "Plan the way in steps",
      description: "Describe where the structure should go so that {{goal}}. Cut the way into at most {{steps}} steps after each of which everything works. Say after which of them one could stop.",
      specialist_type: "architect",
      estimated_effort: "2 hours",
      checklist: ["Each step can be shipped by itself", "The riskiest step comes early"],
    },
    change: {
      title: "Take the steps",
      description: "One step, one commit, the suite in between. No behaviour changes on the way; what looks wrong gets a note, not a fix.",
      type: "implementation",
      specialist_type: "implementer",
      complexity: "complex",
      estimated_effort: "1 day",
      dependencies: ["pin_down", "plan_steps"],
      checklist: ["The tests that pinned it down pass unchanged", "Nothing is left of the old structure"],
      review: "reviewer",
    },
    compare: {
      title: "Compare before and after",
      description: "Measure again what was measured before. Show on one real change that {{goal}}.",
      type: "review",
      specialist_type: "optimizer",
      complexity: "simple",
      estimated_effort: "2 hours",
      dependencies: ["change"],
      checklist: ["Nothing that was measured got worse without somebody agreeing to it"],
    },
  },
}
`;
