import type { Issue } from '../errors.ts';
import { TroupeError } from '../errors.ts';
import type { Json, JsonObject } from '../protocol/values.ts';
import { hostileKeys, templateLimits } from './limits.ts';
import { compilePattern } from './pattern.ts';
import type { Parameter, Template } from './template.ts';

const typeOf = (value: Json): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);

/** What no value may hold, whoever sends it: not every way here looks for it. */
function unkeepable(value: Json, depth = 1): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (depth > templateLimits.depth) return `nested deeper than ${templateLimits.depth} levels`;
  for (const [key, inner] of Object.entries(value)) {
    const fault = hostileKeys.has(key) ? `the key ${key} is refused` : unkeepable(inner, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}

/** What is wrong with a value, in words; null when nothing is. */
function faultOf(value: Json, { type, enum: allowed, pattern, ...bounds }: Parameter): string | null {
  if (typeOf(value) !== type) return `expected ${type}, received ${typeOf(value)}`;
  if (allowed !== undefined && !allowed.some((one) => one === value))
    return `expected one of ${allowed.map((one) => JSON.stringify(one)).join(', ')}`;
  const { min_length = 0, max_length = Infinity, min_value = -Infinity, max_value = Infinity } = bounds;
  if (typeof value === 'number' && value < min_value) return `less than ${min_value}`;
  if (typeof value === 'number' && value > max_value) return `more than ${max_value}`;
  const kept = unkeepable(value);
  if (kept !== null) return kept;
  if (typeof value !== 'string' && !Array.isArray(value)) return null;
  const length = typeof value === 'string' ? Array.from(value).length : value.length;
  const unit = typeof value === 'string' ? 'characters' : 'items';
  if (length < min_length) return `fewer than ${min_length} ${unit}`;
  if (length > max_length) return `more than ${max_length} ${unit}`;
  if (typeof value !== 'string') return null;
  if (!value.isWellFormed()) return 'not well-formed Unicode: a surrogate stands alone';
  if (pattern === undefined) return null;
  if (length > templateLimits.matchedLength) return `more than ${templateLimits.matchedLength} characters can't be held against a pattern`;
  const compiled = compilePattern(pattern);
  return typeof compiled === 'string' || compiled.test(value) ? null : `does not match ${pattern}`;
}

/** What is wrong with the definitions themselves, defaults included. */
export function definitionFaults({ parameters, variables, issueAt }: Template): Issue[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    const issues: Issue[] = [];
    const fault = (member: string, message: string) => void issues.push(issueAt(['parameters', name, member], message));
    const { type, pattern, enum: allowed, min_length, max_length, min_value, max_value } = parameter;
    if (Object.hasOwn(variables, name)) issues.push(issueAt(['variables', name], 'a parameter has this name too'));
    if (pattern !== undefined && type !== 'string') fault('pattern', `is for strings, and this is of type ${type}`);
    if (allowed !== undefined && allowed.some((one) => typeof one !== type)) fault('enum', `not all of type ${type}`);
    const compiled = pattern === undefined ? null : compilePattern(pattern);
    if (typeof compiled === 'string') fault('pattern', compiled);
    if (type !== 'string' && type !== 'array')
      for (const member of ['min_length', 'max_length'] as const)
        if (parameter[member] !== undefined) fault(member, 'is for strings and arrays');
    if (type !== 'number')
      for (const member of ['min_value', 'max_value'] as const) if (parameter[member] !== undefined) fault(member, 'is for numbers');
    if (min_length !== undefined && max_length !== undefined && min_length > max_length) fault('max_length', 'is less than min_length');
    if (min_value !== undefined && max_value !== undefined && min_value > max_value) fault('max_value', 'is less than min_value');
    const wrong = parameter.default === undefined ? null : faultOf(parameter.default, parameter);
    if (wrong !== null) fault('default', wrong);
    return issues;
  });
}

/** The values to put in: those given, and defaults for the rest. Throws INVALID_PARAMS that names every wrong one. */
export function parametersFor({ parameters }: Template, given: JsonObject): Record<string, Json> {
  const issues: Issue[] = [];
  const names = Object.keys(parameters);
  const all = names.length === 0 ? 'the template has none' : `there are ${names.slice(0, 20).join(', ')}`;
  for (const name of Object.keys(given))
    if (!Object.hasOwn(parameters, name)) issues.push({ path: `parameters.${name}`, message: `no such parameter; ${all}` });
  const used = Object.entries(parameters).flatMap(([name, parameter]): [string, Json][] => {
    const value = (Object.hasOwn(given, name) ? given[name] : undefined) ?? parameter.default;
    const message = value !== undefined ? faultOf(value, parameter) : parameter.required ? `is missing${hint(parameter)}` : null;
    if (message !== null) issues.push({ path: `parameters.${name}`, message });
    return value === undefined ? [] : [[name, value]];
  });
  const bytes = new TextEncoder().encode(JSON.stringify(Object.fromEntries(used))).length;
  const { parameterBytes } = templateLimits;
  if (bytes > parameterBytes)
    issues.push({
      path: 'parameters',
      message: `${bytes} bytes of JSON, at most ${parameterBytes} are taken: put long texts into a file or a note`,
    });
  const [first] = issues;
  if (first !== undefined) throw new TroupeError('INVALID_PARAMS', `${first.path}: ${first.message}`, { issues: issues.slice(0, 20) });
  return Object.fromEntries(used);
}

const hint = ({ type, description }: Parameter): string => `: ${type}${description === '' ? '' : `, ${description}`}`;
