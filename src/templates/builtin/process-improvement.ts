export const processImprovement = String.raw`// Makes a piece of daily work shorter or safer, and shows by measuring that it did.
{
  metadata: {
    name: "Improve: {{process}}",
    version: "1.0.0",
    description: "Improve {{process}} so that {{aim}}, shown by measuring before and after.",
    category: "business",
    tags: ["process"],
    complexity: "moderate",
    estimated_duration: "2 weeks",
  },
  parameters: {
    process: { type: "string", description: "The work that is done again and again", min_length: 3, max_length: 120 },
    aim: { type: "string", description: "What should be better, in a number if possible", min_length: 5, max_length: 300 },
    pilot_days: { type: "number", description: "How many days the new way is tried", default: 5, min_value: 1, max_value: 60 },
  },
  tasks: {
    observe: {
      title: "Follow {{process}} from end to end",
      description: "Follow three real cases, step by step: who does what, with what, how long it takes and how long it waits. What is done, not what the handbook says.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "1 day",
      checklist: ["Three real cases with times", "Waiting and working are kept apart"],
    },
    measure: {
      title: "Measure where it stands",
      description: "Fix what is measured for: {{aim}}. Measure it now, with how much it varies.",
      specialist_type: "analyst",
      estimated_effort: "half a day",
      dependencies: ["observe"],
    },
    redesign: {
      title: "Design the new way",
      description: "Take steps out before making steps faster. Ask those who do the work what they would change. Say what it costs and who loses something.",
      specialist_type: "architect",
      estimated_effort: "1 day",
      dependencies: ["measure"],
      checklist: ["Every step that stays has a reason", "Those who do the work have seen it"],
    },
    pilot: {
      title: "Try it for {{pilot_days}} days",
      description: "Try the new way with a few cases beside the old one. Keep a list of what went wrong.",
      type: "testing",
      specialist_type: "coordinator",
      estimated_effort: "{{pilot_days}} days",
      dependencies: ["redesign"],
      checklist: ["The same is measured as before", "What went wrong is listed with what was done about it"],
    },
    settle: {
      title: "Keep, change or drop it",
      description: "Compare before and after. If it is kept, write the instruction that newcomers will follow, and say who looks at it again and when.",
      type: "documentation",
      specialist_type: "documenter",
      estimated_effort: "half a day",
      dependencies: ["pilot"],
    },
  },
  deliverables: {
    comparison: { title: "Figures before and after", description: "With what was decided because of them", type: "analysis" },
  },
}
`;
