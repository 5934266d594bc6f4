export const learnSkill = String.raw`// Learning something by doing it, with somebody who tells you how it is going.
{
  metadata: {
    name: "Learn {{skill}}",
    version: "1.0.0",
    description: "From {{level}} to being able to do this with {{skill}}: {{proof}}",
    category: "self_development",
    tags: ["learning"],
    complexity: "moderate",
    estimated_duration: "{{weeks}} weeks",
  },
  parameters: {
    skill: { type: "string", description: "What is learned", min_length: 2, max_length: 100 },
    proof: { type: "string", description: "What you will be able to make or do that shows it", min_length: 10, max_length: 400 },
    level: { type: "string", description: "Where you begin", enum: ["beginner", "some experience", "advanced"], default: "beginner" },
    weeks: { type: "number", description: "How many weeks it may take", default: 4, min_value: 1, max_value: 52 },
  },
  tasks: {
    map: {
      title: "Draw the map of {{skill}}",
      description: "What are the parts of it, which of them does the proof need, and in which order do they build on each other? Mark what can wait.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "2 hours",
      checklist: ["The proof is split into what it needs", "What can wait is marked"],
    },
    path: {
      title: "Plan {{weeks}} weeks of practice",
      description: "For each week one thing to make that needs the next part, a source to learn it from, and how one will know that it works. Begin with {{level}}.",
      specialist_type: "coordinator",
      estimated_effort: "2 hours",
      dependencies: ["map"],
      checklist: ["Every week something is made", "The first week is small enough to be certain"],
    },
    practise: {
      title: "Practise",
      description: "Follow the path. After each week write down what worked, what did not, and what surprised you; change the path when it is wrong.",
      specialist_type: "generic",
      estimated_effort: "{{weeks}} weeks",
      dependencies: ["path"],
      checklist: ["Each week's work exists and can be shown"],
    },
    prove: {
      title: "Make the proof",
      description: "Without help: {{proof}}",
      type: "testing",
      specialist_type: "generic",
      dependencies: ["practise"],
      review: "reviewer",
    },
  },
}
`;
