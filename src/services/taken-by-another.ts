/** Thrown inside a transaction to undo it: somebody else took the same meanwhile, and what was read is theirs. */
export class TakenByAnother extends Error {}

/** What the transaction gives; undefined where another took it. */
export async function unlessTaken<T>(transaction: Promise<T>): Promise<T | undefined> {
  try {
    return await transaction;
  } catch (error) {
    if (error instanceof TakenByAnother) return undefined;
    throw error;
  }
}
