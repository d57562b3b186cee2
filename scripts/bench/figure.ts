/** One figure, with what it is held against in the same run. */
export interface Figure {
  /** Unique within its section. */
  readonly what: string;
  readonly value: number;
  readonly unit: "ms" | "MB" | "calls/s" | "tokens" | "bytes" | "calls" | "requests";
  /** What it is compared with, the figure of that in the same unit, and the ratio where that was taken turn by turn. */
  readonly baseline?: { readonly what: string; readonly value: number; readonly ratio?: number };
  /** Limit of the ratio to the baseline, or of the figure itself where there is none: budgets are ratios and counts, never seconds. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

export interface BenchOptions {
  /** Fewer rounds and smaller amounts: what a CI run has the time for. Budgets hold all the same. */
  readonly short: boolean;
  /** Node.js programs to start servers with. */
  readonly nodes: readonly string[];
  /** Says what is being measured. */
  readonly progress: (text: string) => void;
}

/** One part of the bench. */
export type Section = (options: BenchOptions) => Promise<Figure[]>;

/** What a budget is held against: the ratio to the baseline, or the figure itself. */
export const measureOf = ({ value, baseline }: Figure): number =>
  baseline === undefined ? value : (baseline.ratio ?? value / baseline.value);

/** Says whether a figure keeps its budget. */
export const isKept = (figure: Figure): boolean =>
  measureOf(figure) <= (figure.atMost ?? Number.POSITIVE_INFINITY) && measureOf(figure) >= (figure.atLeast ?? 0);

export const median = (values: readonly number[]): number => quantile(values, 0.5);

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
