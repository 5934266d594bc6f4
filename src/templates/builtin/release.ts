export const release = String.raw`// From the last change to users who have it, with a way back at each step.
{
  metadata: {
    name: "Release {{product}} {{release_version}}",
    version: "1.0.0",
    description: "Bring {{product}} {{release_version}} to its users through {{channels}}, with a tried way back.",
    category: "development",
    tags: ["release"],
    complexity: "complex",
    estimated_duration: "1 to 2 days",
  },
  parameters: {
    product: { type: "string", description: "What is released", min_length: 1, max_length: 80 },
    release_version: { type: "string", description: "Its version, for example 2.4.0", pattern: "^v?\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$" },
    channels: { type: "array", description: "Where it goes: registries, stores, environments", default: ["production"], min_length: 1, max_length: 10 },
  },
  variables: {
    release_name: "{{product}} {{release_version}}",
  },
  tasks: {
    freeze: {
      title: "Decide what is in {{release_name}}",
      description: "List every change since the last release with who is affected by it. What is not finished goes out, and is named. Say whether the number of the version is right for what changes.",
      specialist_type: "coordinator",
      estimated_effort: "1 hour",
      checklist: ["Every change since the last release is on the list", "Breaking changes are marked"],
    },
    test: {
      title: "Test {{release_name}} as it will be shipped",
      description: "Test the very package that will be published: a new installation, an upgrade from the last version with real data, and the way back.",
      type: "testing",
      specialist_type: "tester",
      estimated_effort: "half a day",
      dependencies: ["freeze"],
      checklist: ["A new installation works", "An upgrade keeps all data", "Going back was tried, and how long it took is known"],
    },
    notes: {
      title: "Write the release notes",
      description: "For each change: what it is for, and what users have to do. What breaks comes first, with what to do about it.",
      type: "documentation",
      specialist_type: "documenter",
      estimated_effort: "2 hours",
      dependencies: ["freeze"],
    },
    check_security: {
      title: "Look for known holes",
      description: "Check dependencies against the advisories, look for secrets in what is published, and check that the package holds what it should and nothing else.",
      type: "review",
      specialist_type: "reviewer",
      estimated_effort: "2 hours",
      dependencies: ["freeze"],
      checklist: ["No advisory is open without a reason that is written down", "The list of published files was read"],
    },
    publish: {
      title: "Publish {{release_name}}",
      description: "Publish to {{channels}}, one after the other, the smallest audience first. Watch after each one before going on.",
      type: "deployment",
      specialist_type: "devops",
      estimated_effort: "2 hours",
      dependencies: ["go"],
      checklist: ["What users get is byte for byte what was tested", "It can be found and installed as the notes say"],
    },
    watch: {
      title: "Watch {{release_name}} for a day",
      description: "Compare errors, load and complaints with the days before. Go back when they are worse, then find out why.",
      type: "testing",
      specialist_type: "analyst",
      estimated_effort: "1 day",
      dependencies: ["publish"],
      checklist: ["Figures before and after stand side by side"],
    },
  },
  milestones: {
    go: {
      title: "Decide whether {{release_name}} goes out",
      description: "Read what testing, notes and checks have brought. Complete this to let it go out; ask a person when in doubt.",
      dependencies: ["test", "notes", "check_security"],
      checklist: ["Somebody who may decide it has decided it"],
    },
  },
  deliverables: {
    notes: { title: "Release notes", type: "documentation", task: "notes" },
  },
}
`;
