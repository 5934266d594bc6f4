import * as z from 'zod';
import * as v from '../values.ts';
import { artifactRef } from '../task.ts';
import { line, read, rows, target } from './row.ts';

/** Methods about detailed work. */
export const artifacts = rows({
  'artifact.get': {
    scope: 'read',
    summary: 'A page of an artifact. Offsets are bytes; a page never cuts a character.',
    input: z.strictObject({
      artifactId: v.artifactId,
      offset: z.int().min(0).default(0),
      limit: z.int().min(4).max(131_072).default(131_072),
    }),
    output: z.object({ artifact: artifactRef, content: z.string(), offset: z.int(), nextOffset: z.int().nullable() }),
  },
  'artifact.list': {
    scope: 'read',
    summary: 'The artifacts of a task, newest version last.',
    input: z.strictObject({ ...read, ...target }),
    output: z.object({ items: z.array(artifactRef) }),
  },
  'artifact.begin': {
    scope: 'write',
    summary: 'Begins the upload of work that is larger than a message.',
    input: z.strictObject({
      type: z.enum(v.artifactTypes).default('general'),
      name: line(255).min(1),
      mediaType: z
        .string()
        .min(1)
        .max(100)
        .regex(/^[\w.+-]+\/[\w.+-]+(?:; ?[\w.-]+=[\w.-]+)*$/, 'a media type such as text/markdown')
        .default('text/markdown'),
    }),
    output: z.object({ uploadId: z.string(), maxBytes: z.int() }),
  },
  'artifact.append': {
    scope: 'write',
    summary: 'Adds text to an upload at the byte offset where it ends.',
    input: z.strictObject({ uploadId: z.string().min(1).max(64), offset: z.int().min(0), content: v.text(8 * 1024 * 1024) }),
    output: z.object({ uploadId: z.string(), offset: z.int() }),
  },
  'artifact.finish': {
    scope: 'write',
    summary: 'Ends an upload: durable when it answers, dropped after an hour unless a task claims it.',
    input: z.strictObject({ uploadId: z.string().min(1).max(64), sha256: v.sha256 }),
    output: z.object({ artifactId: v.artifactId, artifact: artifactRef }),
  },
});
