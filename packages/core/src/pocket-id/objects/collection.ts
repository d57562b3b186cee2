import * as z from "zod";

/** A list that Pocket ID may also send as `null`. */
export const collection = <T extends z.ZodType>(item: T) => z.preprocess((value) => value ?? [], z.array(item));
