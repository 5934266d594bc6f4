/** Reads something again and again, one request at a time: asked while one is on its way, it reads once more after it. */
export function latest(read: () => Promise<void>): () => void {
  let isReading = false;
  let isAsked = false;
  const run = async (): Promise<void> => {
    isReading = true;
    do {
      isAsked = false;
      await read();
      // Whoever asked meanwhile is answered by the round that comes.
    } while (isAsked);
    isReading = false;
  };
  return () => {
    isAsked = true;
    if (!isReading) void run();
  };
}
