export const businessCase = String.raw`// Whether to do it at all: a page on which somebody can decide.
{
  metadata: {
    name: "Business case: {{proposal}}",
    version: "1.0.0",
    description: "Find out whether {{proposal}} is worth it over {{horizon_months}} months, and what else could be done with the same means.",
    category: "business",
    tags: ["decision"],
    complexity: "moderate",
    estimated_duration: "3 days",
  },
  parameters: {
    proposal: { type: "string", description: "What is proposed", min_length: 5, max_length: 150 },
    horizon_months: { type: "number", description: "Over how many months it is judged", default: 24, min_value: 1, max_value: 120 },
    decided_by: { type: "string", description: "Who decides, and by when", min_length: 3, max_length: 200 },
  },
  tasks: {
    problem: {
      title: "Describe the problem without the solution",
      description: "What happens today, to whom, how often, and what it costs. Figures from those who have them, not from memory.",
      type: "research",
      specialist_type: "analyst",
      estimated_effort: "half a day",
      checklist: ["Every figure says where it is from", "The problem is described without naming {{proposal}}"],
    },
    options: {
      title: "Find the other ways",
      description: "At least three: doing nothing, the smallest thing that helps, and {{proposal}}. For each what it needs and what it leaves unsolved.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "half a day",
      dependencies: ["problem"],
    },
    figures: {
      title: "Work out costs and benefits",
      description: "Per option over {{horizon_months}} months: once and running, best, likely and worst. Name the two assumptions that change the result most.",
      specialist_type: "analyst",
      estimated_effort: "1 day",
      dependencies: ["options"],
      checklist: ["The calculation can be followed and changed", "It says at which value of the main assumption the answer turns"],
    },
    risks: {
      title: "Look for what can go wrong",
      description: "Imagine that it was done and failed: write why. For each reason how one would notice early and what one would do.",
      specialist_type: "reviewer",
      estimated_effort: "2 hours",
      dependencies: ["options"],
    },
    decision: {
      title: "Write the page for the decision",
      description: "For {{decided_by}}: the recommendation first, then figures, risks, the other options, and what is to be decided now.",
      type: "documentation",
      specialist_type: "documenter",
      estimated_effort: "2 hours",
      dependencies: ["figures", "risks"],
      review: "reviewer",
    },
  },
  deliverables: {
    page: { title: "One page for the decision, with the calculation", type: "analysis", task: "decision" },
  },
}
`;
