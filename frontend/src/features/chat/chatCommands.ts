import { enterGoesOn } from "@/shared/hooks/keys";
import type { Command } from "@/shared/hooks/commands";

export interface ChatContext {
  isAnswering: boolean;
  mayTryAgain: boolean;
  stop: () => void;
  tryAgain: () => void;
}

const stop: Command<ChatContext> = {
  name: "stop_answer",
  group: "chat",
  keys: ["Escape"],
  whileTyping: true,
  available: ({ isAnswering }) => isAnswering,
  run: ({ stop }) => stop(),
};
const tryAgain: Command<ChatContext> = {
  name: "answer_again",
  group: "chat",
  keys: ["r"],
  available: ({ mayTryAgain }) => mayTryAgain,
  run: ({ tryAgain }) => tryAgain(),
};

/** The one choice of two answers, handed in. */
const choose: Command<{ choose: () => void }> = {
  name: "submit_by_enter",
  group: "chat",
  keys: ["Enter"],
  available: () => enterGoesOn(),
  run: ({ choose }, event) => {
    if (!event?.repeat) choose();
  },
};

export const chatCommands = { stop, tryAgain, all: [stop, tryAgain] as const, choosing: [choose] as const };
