export const technologyComparison = String.raw`// A choice that can be defended later: criteria before candidates, trials before opinions.
{
  metadata: {
    name: "Compare: {{question}}",
    version: "1.0.0",
    description: "Find out which of {{candidates}} answers the question: {{question}}",
    category: "research",
    tags: ["comparison"],
    complexity: "moderate",
    estimated_duration: "2 days",
  },
  parameters: {
    question: { type: "string", description: "What has to be decided", min_length: 5, max_length: 150 },
    candidates: { type: "array", description: "What is compared", min_length: 2, max_length: 8 },
    must_have: { type: "array", description: "What rules a candidate out when it is missing", default: [], max_length: 15 },
  },
  tasks: {
    criteria: {
      title: "Set the criteria before looking at anything",
      description: "Say what counts, how each criterion is measured and how much it weighs. Must be there: {{must_have}}.",
      type: "research",
      specialist_type: "analyst",
      estimated_effort: "2 hours",
      checklist: ["Each criterion says how it is measured", "Weights are fixed before the first result"],
    },
    gather: {
      title: "Gather what is known",
      description: "For each of {{candidates}}: licence, upkeep, who uses it and for what, known limits, what leaving it would cost. From first hand where possible, with the date of each source.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "half a day",
      dependencies: ["criteria"],
      checklist: ["Every statement has a source and a date", "Each candidate has at least one source that speaks against it"],
    },
    try_out: {
      title: "Try each candidate on the same small problem",
      description: "Build the same small thing with each, the hardest part of the real one. Measure by the criteria. Note what went wrong and how long it took to find help.",
      type: "implementation",
      specialist_type: "implementer",
      estimated_effort: "1 day",
      dependencies: ["criteria"],
      checklist: ["The trials can be run again", "All candidates had the same problem and the same time"],
    },
    recommend: {
      title: "Recommend one",
      description: "Put results against criteria and recommend one, with what speaks against it and what would change the answer.",
      type: "documentation",
      specialist_type: "analyst",
      estimated_effort: "2 hours",
      dependencies: ["gather", "try_out"],
      review: "reviewer",
    },
  },
  deliverables: {
    report: { title: "One page for whoever decides, with the table of results behind it", type: "analysis", task: "recommend" },
  },
}
`;
