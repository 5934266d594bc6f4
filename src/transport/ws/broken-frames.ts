import { closeCodes } from '../../protocol/close-codes.ts';

/** The code that `ws` closes with, by its error; what breaks the protocol in any other way is 1002 (RFC 6455, section 7.4.1). */
const codes: Readonly<Record<string, number>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: closeCodes.tooBig,
  WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: closeCodes.tooBig,
  WS_ERR_TOO_MANY_BUFFERED_PARTS: closeCodes.policy,
  WS_ERR_INVALID_UTF8: closeCodes.notText,
};

/** Which code `ws` closed a connection with, from the error that it emits; null for one of the socket. */
export function closeCodeOf(error: Error): number | null {
  if (!('code' in error) || typeof error.code !== 'string' || !error.code.startsWith('WS_ERR_')) return null;
  return codes[error.code] ?? closeCodes.protocolError;
}
