/** Writes to standard output, and resolves when it is written. A reader that went away has read enough. */
export function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => {
      if (error == null || ('code' in error && error.code === 'EPIPE')) resolve();
      else reject(error);
    };
    // Heard once more as an event, which would end the process.
    process.stdout.once('error', done);
    process.stdout.write(text, done);
  });
}
