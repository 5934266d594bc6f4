export const researchReport = String.raw`// Answers a question from sources, and says how sure the answer is.
{
  metadata: {
    name: "Research: {{question}}",
    version: "1.0.0",
    description: "Answer for {{audience}}: {{question}}",
    category: "research",
    tags: ["research"],
    complexity: "moderate",
    estimated_duration: "2 days",
  },
  parameters: {
    question: { type: "string", description: "The question, as a question", min_length: 10, max_length: 200 },
    audience: { type: "string", description: "Who will use the answer, and for what", min_length: 3, max_length: 300 },
    sources: { type: "number", description: "At least so many independent sources", default: 8, min_value: 3, max_value: 50 },
  },
  tasks: {
    frame: {
      title: "Cut the question into parts that can be answered",
      description: "Say what would count as an answer to: {{question}} Cut it into parts, name the terms that people use differently, and say what is left out.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "1 hour",
      checklist: ["For each part it is clear what would answer it"],
    },
    search: {
      title: "Find at least {{sources}} independent sources",
      description: "Search for what supports each possible answer, and for what contradicts it. Keep a list: what it is, who made it and why, when, how they know.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "half a day",
      dependencies: ["frame"],
      checklist: ["There are {{sources}} sources that do not copy each other", "Contrary sources were searched for, not only met"],
    },
    weigh: {
      title: "Weigh the evidence",
      description: "For each part: what the sources agree on, where they differ and why, what nobody knows. Keep apart what is measured, what is reported and what is believed.",
      specialist_type: "analyst",
      estimated_effort: "half a day",
      dependencies: ["search"],
    },
    check_facts: {
      title: "Check the statements that carry the answer",
      description: "Take the statements without which the answer falls, and check each against its source again, numbers and dates above all.",
      type: "review",
      specialist_type: "reviewer",
      estimated_effort: "2 hours",
      dependencies: ["weigh"],
      checklist: ["Each statement that carries the answer was read in its source"],
    },
    report: {
      title: "Write the answer",
      description: "The answer first, in three sentences, for {{audience}}. Then how sure it is, the evidence, what speaks against it, and what to find out next.",
      type: "documentation",
      specialist_type: "documenter",
      estimated_effort: "half a day",
      dependencies: ["check_facts"],
    },
  },
  deliverables: {
    report: { title: "The report with its list of sources", type: "analysis", task: "report" },
  },
}
`;
