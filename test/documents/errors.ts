import { exitOf, exits, exitWords } from '../../src/cli/exit-codes.ts';
import { reasons, toldReason } from '../../src/protocol/reasons.ts';
import { markdownTable } from '../support/generated.ts';
import type { Reason } from '../../src/errors.ts';

/** The text of docs/errors.md, made of the catalogue. */
export const errorsDocument = (): string => [heading, exitCodes(), overview(), ...reasons.map(section)].join('\n\n');

const heading = `# Errors

Made of the code by \`test/documents/documents.test.ts\`; write it anew with \`UPDATE=1\`.

Every refusal has a \`reason\`, and programs decide by it. It is in \`error.data\` of an answer of the [protocol](../PROTOCOL.md#6-errors), in \`error\` of an answer over HTTP, and in \`reason\` of the error that the [client](client.md) throws. \`code\` is coarse, \`message\` and \`fix\` are for people. Retryable means that the same request can succeed later without being changed. A command that is sent again with its \`commandId\` never takes effect twice.`;

const overview = (): string =>
  markdownTable(
    ['reason', 'code', 'exit code', 'retryable'],
    reasons.map((reason) => {
      const { code, retryable } = toldReason(reason);
      return [`[${reason}](#${reason.toLowerCase()})`, String(code), String(exitOf[reason]), retryable ? 'yes' : ''];
    }),
  );

function section(reason: Reason): string {
  const { code, retryable, when, fix } = toldReason(reason);
  const facts = [`code ${code}`, `exit code ${exitOf[reason]}`, ...(retryable ? ['retryable'] : [])];
  return `## ${reason}\n\n${when}\n\n**How to go on:** ${fix}.\n\n${facts.join(' · ')}`;
}

const exitCodes = (): string => {
  const words = Object.values(exits).map((exit) => `${exit} ${exitWords[exit]}`);
  return `The command line ends with ${words.join(', ')}.`;
};
