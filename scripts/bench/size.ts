import type { Section } from "./figure.ts";

export const size: Section = async () => [];
