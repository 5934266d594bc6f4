/** The name of this protocol, as it is offered and chosen in the WebSocket handshake. */
export const subprotocol = 'troupe.v1';
