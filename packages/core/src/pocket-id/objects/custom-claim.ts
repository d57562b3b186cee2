import * as z from "zod";

export const CustomClaim = z.object({ key: z.string(), value: z.string() });
export type CustomClaim = z.output<typeof CustomClaim>;
