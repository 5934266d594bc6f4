declare module 'fs-native-extensions' {
  /** Takes an exclusive lock on the whole file; false when another open file has it. */
  export function tryLock(descriptor: number): boolean;
}
