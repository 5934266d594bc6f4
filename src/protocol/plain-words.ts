import type * as z from 'zod';

/** A fault of a value in the words that people use; what a schema says of its own stays as it is. */
export function plainWords(issue: z.core.$ZodIssue): string {
  const { message } = issue;
  if (!/^(?:Too (?:big|small)|Invalid (?:input|option)): /.test(message)) return message;
  if (issue.code === 'invalid_value')
    return issue.values.length === 1 ? `is not ${said(issue.values)}` : `is none of ${said(issue.values)}`;
  if (issue.code === 'too_big') return beyond(issue, issue.maximum, issue.inclusive, ['longer', 'more', 'more']) ?? message;
  if (issue.code === 'too_small') {
    const isList = issue.origin === 'string' || issue.origin === 'array';
    if (isList && issue.minimum === 1) return 'is empty';
    return beyond(issue, issue.minimum, issue.inclusive, ['shorter', 'fewer', 'less']) ?? message;
  }
  if (message.endsWith(', received undefined')) return 'is missing';
  return message.slice('Invalid input: '.length);
}

const said = (values: readonly z.core.util.Primitive[]): string => values.map(String).join(', ');

function beyond(
  { origin }: { readonly origin: string },
  bound: number | bigint,
  isInclusive: boolean | undefined,
  [ofText, ofList, ofNumber]: readonly [string, string, string],
): string | null {
  if (origin === 'string') return `${ofText} than ${bound} characters`;
  if (origin === 'array') return `${ofList} than ${bound} ${bound === 1 ? 'entry' : 'entries'}`;
  if (origin !== 'number' && origin !== 'int' && origin !== 'bigint') return null;
  return isInclusive === false ? `is not ${ofNumber === 'less' ? 'more' : 'less'} than ${bound}` : `${ofNumber} than ${bound}`;
}
