import { apiEndpoint } from './builtin/api-endpoint.ts';
import { article } from './builtin/article.ts';
import { bugFix } from './builtin/bug-fix.ts';
import { businessCase } from './builtin/business-case.ts';
import { feature } from './builtin/feature.ts';
import { learnSkill } from './builtin/learn-skill.ts';
import { processImprovement } from './builtin/process-improvement.ts';
import { refactoring } from './builtin/refactoring.ts';
import { release } from './builtin/release.ts';
import { researchReport } from './builtin/research-report.ts';
import { retrospective } from './builtin/retrospective.ts';
import { technologyComparison } from './builtin/technology-comparison.ts';

/** The library that every project has, by id, as the text that a project gets when it installs one. */
export const builtinTemplates: ReadonlyMap<string, string> = new Map([
  ['api-endpoint', apiEndpoint],
  ['article', article],
  ['bug-fix', bugFix],
  ['business-case', businessCase],
  ['feature', feature],
  ['learn-skill', learnSkill],
  ['process-improvement', processImprovement],
  ['refactoring', refactoring],
  ['release', release],
  ['research-report', researchReport],
  ['retrospective', retrospective],
  ['technology-comparison', technologyComparison],
]);

/** What to read first: the smallest, a whole one, and one that extends another. */
export const exampleTemplates: readonly string[] = ['bug-fix', 'feature', 'api-endpoint'];
