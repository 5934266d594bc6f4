export const apiEndpoint = String.raw`// A feature whose users are programs. What is not said here is inherited from the feature template.
{
  metadata: {
    name: "API: {{feature}}",
    version: "1.0.0",
    description: "Add {{feature}} to the API of {{project_name}}. Why: {{purpose}}",
    category: "development",
    tags: ["feature", "api"],
    extends: "feature",
  },
  parameters: {
    style: { type: "string", description: "The kind of interface", enum: ["rest", "graphql", "grpc", "websocket", "mcp"], default: "rest" },
    public: { type: "boolean", description: "Whether people outside of the team call it", default: false },
  },
  tasks: {
    understand: {
      description: "Find which programs will call it and what they do with the answer. Write requests and answers as examples, refusals included. Constraints: {{constraints}}.",
    },
    design: {
      title: "Design the contract of {{feature}}",
      description: "Write the {{style}} contract before any code: names, types, limits, errors with a way to go on, rights, paging, what makes a repeated call harmless. Open to the outside: {{public}}.",
      checklist: [
        "The contract is a file that tools can read",
        "Every refusal says why and how to go on",
        "Sending the same request twice is harmless or refused",
        "It can grow without breaking those who call it today",
      ],
    },
    verify: {
      checklist: ["The whole suite passes", "The service and the contract were compared by a tool", "Too large, too many, too deep and without rights were tried"],
    },
    load: {
      title: "Measure {{feature}} under load",
      description: "Measure time and memory at the load that is expected and at ten times of it. Find out what gives way first, and that it gives way with a clear answer.",
      type: "testing",
      specialist_type: "optimizer",
      estimated_effort: "half a day",
      dependencies: ["build"],
    },
  },
  milestones: {
    ready_to_ship: { dependencies: ["verify", "load", "document"] },
  },
}
`;
