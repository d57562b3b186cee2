import type { Section } from "./figure.ts";

export const walks: Section = async () => [];
