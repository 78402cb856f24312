import type { Verdict } from "@/shared/api/types";
import type { Command } from "@/shared/hooks/commands";

export interface ReviewContext {
  /** Whether the person may decide about this answer, and nothing is on its way. */
  mayDecide: boolean;
  state: string;
  newer: number | null;
  older: number | null;
  decide: (verdict: Verdict) => void;
  openReturn: () => void;
  open: (answerId: number) => void;
}

type ReviewCommand = Command<ReviewContext>;

const accept: ReviewCommand = {
  name: "accept",
  group: "review",
  keys: ["a"],
  available: ({ mayDecide, state }) => mayDecide && state !== "accepted",
  run: (review) => review.decide("accept"),
};
const giveBack: ReviewCommand = {
  name: "return",
  group: "review",
  keys: ["r"],
  available: ({ mayDecide }) => mayDecide,
  run: (review) => review.openReturn(),
};
const strike: ReviewCommand = {
  name: "strike",
  group: "review",
  keys: ["s"],
  available: ({ mayDecide, state }) => mayDecide && state !== "struck",
  run: (review) => review.decide("strike"),
};
const restore: ReviewCommand = {
  name: "restore",
  group: "review",
  keys: ["u"],
  available: ({ mayDecide, state }) => mayDecide && state !== "submitted",
  run: (review) => review.decide("restore"),
};
const older: ReviewCommand = {
  name: "next_answer",
  group: "review",
  keys: ["j", "ArrowRight"],
  available: ({ older }) => older !== null,
  run: ({ older, open }) => older !== null && open(older),
};
const newer: ReviewCommand = {
  name: "previous_answer",
  group: "review",
  keys: ["k", "ArrowLeft"],
  available: ({ newer }) => newer !== null,
  run: ({ newer, open }) => newer !== null && open(newer),
};

export const reviewCommands = {
  older,
  newer,
  verdicts: [accept, giveBack, strike, restore] as const,
  all: [accept, giveBack, strike, restore, older, newer] as const,
};
