import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { wireOf } from '../../fixes.ts';
import type { Logger } from '../../logger.ts';
import { faultFor } from '../fault.ts';
import { inToolWords } from './words.ts';

/** Runs what answers a request that is no call of a tool; a refusal becomes an error of the protocol with the catalogue's words. */
export async function answering<T>(method: string, logger: Logger, answer: () => Promise<T>): Promise<T> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    const { message, data, code } = wireOf(faultFor(error, { logger, method }));
    const protocolCode = code === -32603 ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams;
    throw new ProtocolError(protocolCode, inToolWords(message), { ...data, fix: inToolWords(data.fix) });
  }
}
