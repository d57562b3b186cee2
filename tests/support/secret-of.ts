import { readFileSync } from "node:fs";

/** The secret that an answer tells the file of. */
export const secretOf = ({ secretFile }: { secretFile: { path: string } }): string =>
  readFileSync(secretFile.path, "utf8");
