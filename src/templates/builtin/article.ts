export const article = String.raw`// A text that people read to its end: one point, for one kind of reader.
{
  metadata: {
    name: "Article: {{subject}}",
    version: "1.0.0",
    description: "Write about {{subject}} for {{readers}}, {{words}} words, {{tone}}.",
    category: "creative",
    tags: ["writing"],
    complexity: "moderate",
    estimated_duration: "1 day",
  },
  parameters: {
    subject: { type: "string", description: "What it is about", min_length: 3, max_length: 150 },
    readers: { type: "string", description: "Who reads it, and what they know already", min_length: 3, max_length: 300 },
    words: { type: "number", description: "About how long", default: 1200, min_value: 200, max_value: 10000 },
    tone: { type: "string", description: "How it sounds", enum: ["plain", "playful", "formal", "personal"], default: "plain" },
  },
  tasks: {
    angle: {
      title: "Find the one point of the article",
      description: "Write down three angles on {{subject}}, each as the one sentence that {{readers}} should remember. Choose one and say why.",
      specialist_type: "coordinator",
      estimated_effort: "30 minutes",
      checklist: ["The point is one sentence that somebody could disagree with"],
    },
    material: {
      title: "Gather material",
      description: "Examples, figures, quotations, one scene. More than will be used, each with where it comes from.",
      type: "research",
      specialist_type: "researcher",
      estimated_effort: "2 hours",
      dependencies: ["angle"],
      checklist: ["Every fact has a source", "At least one example is not what everybody else uses"],
    },
    draft: {
      title: "Write the draft",
      description: "Write about {{words}} words in one go, {{tone}}, for {{readers}}. The first paragraph makes the reader want the second one.",
      type: "documentation",
      specialist_type: "documenter",
      estimated_effort: "3 hours",
      dependencies: ["material"],
      checklist: ["Every paragraph serves the one point", "It can be read without knowing what {{readers}} do not know"],
    },
    edit: {
      title: "Edit",
      description: "Read it aloud. Take out what can go, then what nearly can. Check facts, names and figures against the material.",
      type: "review",
      specialist_type: "reviewer",
      estimated_effort: "1 hour",
      dependencies: ["draft"],
      checklist: ["No fact without its source", "At least a tenth of the words is gone"],
    },
    finish: {
      title: "Title, teaser and last reading",
      description: "Write five titles and choose one, a teaser of two sentences, and read the whole once more as one of {{readers}}.",
      specialist_type: "documenter",
      complexity: "simple",
      estimated_effort: "30 minutes",
      dependencies: ["edit"],
    },
  },
  deliverables: {
    text: { title: "The finished article with title and teaser", type: "documentation", task: "finish" },
  },
}
`;
