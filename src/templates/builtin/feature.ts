export const feature = String.raw`// From a wish to something that is used: agree on it, design it, build it with its tests, review, document.
{
  metadata: {
    name: "Feature: {{feature}}",
    version: "1.0.0",
    description: "Build {{feature}} in {{project_name}}. Why: {{purpose}}",
    category: "development",
    tags: ["feature"],
    complexity: "complex",
    estimated_duration: "3 to 5 days",
  },
  parameters: {
    feature: { type: "string", description: "What is to be built, in a few words", min_length: 3, max_length: 120 },
    project_name: { type: "string", description: "The product or repository that it is for", min_length: 1, max_length: 80 },
    purpose: { type: "string", description: "Who needs it, and what they can do with it that they can't do now", min_length: 10, max_length: 1000 },
    constraints: { type: "array", description: "What must not change, or must hold", default: ["nothing that works today breaks"], max_length: 10 },
  },
  tasks: {
    understand: {
      title: "Agree on what {{feature}} must do",
      description: "Find who will use it and in which situation. Write the behaviour as examples: what somebody does, and what happens then. Say what is left out on purpose. Constraints: {{constraints}}.",
      type: "research",
      specialist_type: "analyst",
      complexity: "moderate",
      estimated_effort: "half a day",
      checklist: [
        "Every behaviour is an example that can be tried",
        "What is out of scope is written down",
        "Open questions are asked, not assumed",
      ],
    },
    design: {
      title: "Design {{feature}}",
      description: "Decide where it lives in the code, what data and interfaces it needs, and what happens when something fails. Compare at least two ways and say why this one.",
      specialist_type: "architect",
      complexity: "complex",
      estimated_effort: "half a day",
      dependencies: ["understand"],
      checklist: ["Each example of the agreed behaviour has its place in the design", "Failures have an answer", "The way to undo it in production is named"],
      review: "reviewer",
    },
    build: {
      title: "Build {{feature}}",
      dependencies: ["design"],
      children: {
        implement: {
          title: "Implement {{feature}} with its unit tests",
          description: "Follow the design; where it turns out wrong, say so in a note before going another way. Keep each change small enough to be read at once.",
          type: "implementation",
          specialist_type: "implementer",
          complexity: "complex",
          estimated_effort: "1 to 2 days",
          checklist: ["Every branch that was added has a test that fails without it", "No constraint is broken: {{constraints}}"],
          review: "reviewer",
        },
        acceptance_tests: {
          title: "Turn the agreed examples into tests",
          description: "Write the examples as tests from the outside, the way a user would meet them. They are written from the agreement, not from the implementation.",
          type: "testing",
          specialist_type: "tester",
          complexity: "moderate",
          estimated_effort: "half a day",
          checklist: ["Each agreed example is one test", "At least one test for each way to misuse it"],
        },
      },
    },
    verify: {
      title: "Try {{feature}} as a whole",
      description: "Run the acceptance tests and the whole suite on a build like the one that ships. Then use the feature by hand, with data of a realistic size, and with wrong input.",
      type: "testing",
      specialist_type: "tester",
      estimated_effort: "half a day",
      dependencies: ["build"],
      checklist: ["The whole suite passes", "What was tried by hand is listed with what happened"],
    },
    document: {
      title: "Document {{feature}}",
      description: "Tell users what it is for, with one example that can be copied, and tell developers what they must know to change it.",
      type: "documentation",
      specialist_type: "documenter",
      complexity: "simple",
      estimated_effort: "2 hours",
      dependencies: ["build"],
    },
  },
  milestones: {
    ready_to_ship: {
      title: "{{feature}} is ready to ship",
      description: "Look at what was agreed and at what was built, and decide whether it ships.",
      dependencies: ["verify", "document"],
      checklist: ["What was agreed and what was built are the same, or the difference was agreed to"],
    },
  },
  deliverables: {
    design_note: { title: "The design with its reasons", type: "design", task: "design" },
    guide: { title: "Documentation for users", type: "documentation", task: "document" },
  },
}
`;
