export const retrospective = String.raw`// The team looks at its own work and changes how it works: its roles, its templates, its habits.
{
  metadata: {
    name: "Retrospective: {{period}}",
    version: "1.0.0",
    description: "Look back at {{period}}, find what cost the most, and change the roles, templates or habits behind it.",
    category: "self_development",
    tags: ["retrospective"],
    complexity: "moderate",
    estimated_duration: "1 day",
  },
  parameters: {
    period: { type: "string", description: "What is looked back at: a week, a release, a project", min_length: 2, max_length: 100 },
    changes: { type: "number", description: "At most so many changes: more are not kept", default: 3, min_value: 1, max_value: 10 },
  },
  tasks: {
    collect: {
      title: "Collect what happened in {{period}}",
      description: "From the list of tasks: what failed, what came back for revision, what was blocked and by which question, which leases ran out, what took much longer than estimated. Cases with their ids, no opinions yet.",
      type: "research",
      specialist_type: "analyst",
      estimated_effort: "2 hours",
      checklist: ["Every case names its task", "What went well is there too"],
    },
    causes: {
      title: "Find what the cases have in common",
      description: "Group them by cause: unclear assignments, missing context, the wrong specialist, too large a task, no way to check. For each group what it cost.",
      specialist_type: "debugger",
      estimated_effort: "2 hours",
      dependencies: ["collect"],
    },
    choose: {
      title: "Choose at most {{changes}} changes",
      description: "For the dearest causes, one change each: to a role file, a template, an acceptance criterion that is always asked, a habit. Say how one will see that it helped.",
      specialist_type: "coordinator",
      estimated_effort: "1 hour",
      dependencies: ["causes"],
      checklist: ["Each change has a sign by which it will be judged", "Nothing is chosen that nobody will do"],
    },
    apply: {
      title: "Make the changes",
      description: "Edit the role files and templates that were chosen, and try each on one task that went wrong in {{period}}.",
      type: "implementation",
      specialist_type: "implementer",
      estimated_effort: "3 hours",
      dependencies: ["choose"],
      checklist: ["Each change was tried on a task that went wrong before"],
      review: "reviewer",
    },
  },
  deliverables: {
    record: { title: "What was changed, why, and when to look at it again", type: "documentation", task: "apply" },
  },
}
`;
