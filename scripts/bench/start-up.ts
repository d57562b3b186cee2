import type { Section } from "./figure.ts";

export const startUp: Section = async () => [];
