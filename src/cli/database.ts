/** Whether a place is a database, and not a directory. */
export const isDatabase = (place: string): boolean => /^postgres(?:ql)?:\/\//.test(place);
