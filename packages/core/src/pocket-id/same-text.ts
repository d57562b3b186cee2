/** Compares names as Pocket ID does: without case, in NFC. */
export const sameText = (a: string, b: string): boolean =>
  a.normalize("NFC").toLowerCase() === b.normalize("NFC").toLowerCase();
