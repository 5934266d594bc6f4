/** The token is in the fragment, which a browser sends to nobody. */
export const pageUrl = (origin: string, token: string): string => `${origin}/#token=${token}`;
