import * as z from "zod";

/** A list that Pocket ID may also send as `null`. One that is not there at all was not sent whole: it is not taken for empty. */
export const collection = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (value === null ? [] : value), z.array(item));
