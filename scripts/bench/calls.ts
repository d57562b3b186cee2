import type { Section } from "./figure.ts";

export const calls: Section = async () => [];
